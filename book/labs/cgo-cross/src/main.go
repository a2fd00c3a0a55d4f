// Adds up the bytes of a text. In C, as if there were a reason.
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

import (
	"fmt"
	"runtime"
	"unsafe"
)

func main() {
	text := C.CString("a chair")
	defer C.free(unsafe.Pointer(text))
	fmt.Println("the sum is", C.sum(text), "in C, on", runtime.GOARCH)
}
