// Package greet says hello from a file that is in the program.
package greet

import _ "embed"

//go:embed hello.txt
var hello string

// Text returns the greeting.
func Text() string { return hello }
