// Tini stands in for a small init: it says nothing and becomes what it is told to start.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	command := os.Args[1:]
	for len(command) > 0 && len(command[0]) > 0 && command[0][0] == '-' {
		command = command[1:]
	}
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "tini: nothing to start")
		os.Exit(1)
	}
	err := syscall.Exec(command[0], command, os.Environ())
	fmt.Fprintf(os.Stderr, "[FATAL tini (1)] exec %s failed: %v\n", command[0], err)
	os.Exit(127)
}
