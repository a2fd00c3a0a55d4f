package main

// #include <stdint.h>
// #include <stdlib.h>
//
// static uint32_t sum(const char *text) {
//     uint32_t s = 0;
//     while (*text) s += (unsigned char)*text++;
//     return s;
// }
import "C"

import "unsafe"

const language = "C"

func sum(text string) uint32 {
	c := C.CString(text)
	defer C.free(unsafe.Pointer(c))
	return uint32(C.sum(c))
}
