// The same in Go, to see what the C costs.
package main

import "fmt"

func twice(n int) int { return 2 * n }

func say(text string) { fmt.Println("Go says", text) }

func main() {
	say("hello")
	fmt.Println("the program runs: twice 21 is", twice(21))
}
