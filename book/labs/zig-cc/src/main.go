// One function in C, which prints, and what Go says of the CPU.
package main

/*
#include <stdio.h>
#include <stdlib.h>

static int twice(int n) { return 2 * n; }

static void say(const char *text) {
	printf("C says %s\n", text);
	fflush(stdout);
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

func main() {
	text := C.CString("hello")
	C.say(text)
	C.free(unsafe.Pointer(text))
	fmt.Println("the program runs: twice 21 is", C.twice(21), "on", runtime.GOARCH)
}
