// Computes checksums with a C function that nobody dares to rewrite.
package main

// #include "fletcher.h"
import "C"

import (
	"fmt"
	"unsafe"
)

func main() {
	for _, text := range []string{"abcde", "abcdef", "an empty room"} {
		data := []byte(text)
		sum := C.fletcher16((*C.uint8_t)(unsafe.Pointer(&data[0])), C.size_t(len(data)))
		fmt.Printf("%04x  %s\n", uint16(sum), text)
	}
	fmt.Println("C library:", C.GoString(C.c_library()))
}
