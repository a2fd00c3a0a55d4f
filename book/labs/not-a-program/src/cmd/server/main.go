// The server, which is a program: its package is called main.
package main

import (
	"fmt"

	"emptyroom/shop"
)

func main() { fmt.Println(shop.Greeting()) }
