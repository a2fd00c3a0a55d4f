//go:build cgo

package main

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
static const char *library(void) { return gnu_get_libc_version(); }
#else
static const char *library(void) { return ""; }
#endif
*/
import "C"

// threadsBy tells who asks the kernel for threads: with cgo it is the C library.
func threadsBy() string {
	if version := C.GoString(C.library()); version != "" {
		return "glibc " + version
	}
	return "musl"
}
