// Says who it is and what it was called with: one line per argument.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("the program runs as process", os.Getpid())
	for i, arg := range os.Args {
		fmt.Printf("argument %d: %s\n", i, arg)
	}
	fmt.Println("GREETING in the environment:", os.Getenv("GREETING"))
}
