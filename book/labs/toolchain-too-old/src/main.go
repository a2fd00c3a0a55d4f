// Says which Go built it.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("the shop is open: built by", runtime.Version())
}
