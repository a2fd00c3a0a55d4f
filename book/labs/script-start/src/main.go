// Says who greets whom, if its start script has told it.
package main

import (
	"fmt"
	"os"
)

func main() {
	greeting := os.Getenv("GREETING")
	if greeting == "" {
		fmt.Fprintln(os.Stderr, "GREETING is not set")
		os.Exit(1)
	}
	fmt.Println("the program runs: GREETING is", greeting)
}
