// Tells how long its last build took. What takes long is not this file, but
// what it imports.
package main

import (
	"fmt"
	"os"
)

func main() {
	took, err := os.ReadFile("/rebuild.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s", took)
}
