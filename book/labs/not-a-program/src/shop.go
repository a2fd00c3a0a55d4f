// Package shop is a library: what it knows is used by the command in cmd/server.
package shop

// Greeting is what the server says when it starts.
func Greeting() string { return "the program runs: the shop is open" }
