// Has C code in it, and all of the C library that this needs.
package main

// #include <stdlib.h>
// static int doubled(int n) { return abs(n) * 2; }
import "C"

func main() {
	println(C.doubled(-21))
}
