// Reads a file that lies beside it, where somebody put it there.
package main

import (
	"fmt"
	"os"
)

func main() {
	text, err := os.ReadFile("/__NAME__.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("it says: %s", text)
}
