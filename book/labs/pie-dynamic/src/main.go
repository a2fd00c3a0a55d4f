// Prints where its own code lies in memory. A position-independent executable
// lies somewhere else each time; a plain one never moves.
package main

import (
	"fmt"
	"reflect"
)

func main() {
	fmt.Printf("main starts at %#x\n", reflect.ValueOf(main).Pointer())
}
