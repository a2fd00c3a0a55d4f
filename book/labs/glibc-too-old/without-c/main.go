// Says how far a wheel of so many degrees has turned, with Go's own mathematics.
package main

import (
	"fmt"
	"math"
	"os"
)

func main() {
	turned := float64(len(os.Args)) * 1000
	fmt.Println("the program runs: the wheel stands at", math.Mod(turned, 360))
}
