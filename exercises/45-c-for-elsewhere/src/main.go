// A scale on a board with an ARM processor: adds up what lies on it.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("the sum is", sum([]byte("a chair")), "on", runtime.GOARCH)
}
