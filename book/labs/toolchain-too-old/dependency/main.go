// Says which Go built it, and a price.
package main

import (
	"fmt"
	"runtime"

	"shop.test/price"
)

func main() {
	fmt.Println("the shop is open: built by", runtime.Version())
	fmt.Println("a chair costs", price.Of("chair"))
}
