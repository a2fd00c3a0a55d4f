// Says how far a wheel has turned after so many degrees, with C's mathematics.
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
	fmt.Println("the wheel stands at", float64(C.fmod(C.double(turned), 360)))
}
