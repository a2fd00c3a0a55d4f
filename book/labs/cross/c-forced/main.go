// One function in C.
package main

// static int twice(int n) { return 2 * n; }
import "C"

import "fmt"

func main() {
	fmt.Println("twice 21 is", C.twice(21))
}
