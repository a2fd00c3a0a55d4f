// Adds up the bytes of a text: in C where there is cgo, else in Go.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("the sum is", sum("a chair"), "in", language+", on", runtime.GOARCH)
}
