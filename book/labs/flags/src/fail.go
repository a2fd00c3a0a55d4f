package main

import (
	"fmt"
	"os"
	"strings"
)

// `/app fail` ends with a panic, two calls deep. Does its stack trace still
// know where it is, in a program whose symbol table is gone?
func init() {
	if len(os.Args) > 1 && os.Args[1] == "fail" {
		fmt.Println("charged:", charge(strings.Fields("order 4711")))
		os.Exit(0)
	}
}

//go:noinline
func charge(words []string) string {
	return words[0] + " " + third(words)
}

//go:noinline
func third(words []string) string {
	return words[2] // line 25: there are two
}
