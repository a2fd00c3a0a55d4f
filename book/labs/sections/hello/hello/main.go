// Says hello; the smallest program that imports fmt.
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
