// Says hello as everybody does.
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
