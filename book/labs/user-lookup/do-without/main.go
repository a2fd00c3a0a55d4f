// The number is what the kernel goes by, and it is always there: ask for that,
// and let the environment say where the program may keep its files.
package main

import (
	"fmt"
	"os"
)

func main() {
	home, err := os.UserHomeDir() // $HOME, and nothing else
	if err != nil {
		home = "nowhere"
	}
	fmt.Printf("started by uid %d, at home in %s\n", os.Getuid(), home)
}
