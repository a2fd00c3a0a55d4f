// Not a line of C, and nothing that the system would have to look up.
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
