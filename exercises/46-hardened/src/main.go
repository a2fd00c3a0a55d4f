// A vault whose code lies somewhere else at each start, if it was built so.
package main

import (
	"fmt"
	"reflect"
)

func main() {
	fmt.Printf("the vault lies at %#x\n", reflect.ValueOf(main).Pointer())
}
