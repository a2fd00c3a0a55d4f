package main

// #include <stddef.h>
// #include <stdint.h>
//
// static uint32_t sum(const uint8_t *of, size_t count) {
//     uint32_t s = 0;
//     while (count--) s += *of++;
//     return s;
// }
import "C"

import "unsafe"

func sum(of []byte) uint32 {
	return uint32(C.sum((*C.uint8_t)(unsafe.SliceData(of)), C.size_t(len(of))))
}
