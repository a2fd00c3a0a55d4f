// Has C code in it that calls back, and lends a function to C.
package main

// #include <stdlib.h>
// static int doubled(int n) { return abs(n) * 2; }
import "C"

//export Doubled
func Doubled(n C.int) C.int { return C.doubled(n) }

func main() {
	println(Doubled(-21))
}
