// Asks the company's own module for a price.
package main

import (
	"fmt"

	"git.shop.test/price"
)

func main() {
	fmt.Println("a chair costs", price.Of("chair"))
}
