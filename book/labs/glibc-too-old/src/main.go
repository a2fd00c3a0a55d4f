// Says how far a wheel of so many degrees has turned, with a function of C's mathematics.
package main

// #cgo LDFLAGS: -lm
// #include <math.h>
import "C"

import (
	"fmt"
	"os"
)

func main() {
	turned := float64(len(os.Args)) * 1000
	fmt.Println("the program runs: the wheel stands at", float64(C.fmod(C.double(turned), 360)))
}
