// Says as whom it runs, and how its own file is marked.
package main

import (
	"fmt"
	"os"
)

func main() {
	info, err := os.Stat(os.Args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("the program runs: uid %d, its file is %v\n", os.Getuid(), info.Mode())
}
