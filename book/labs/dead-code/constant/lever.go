package main

import (
	"fmt"
	"os"
	"reflect"
)

// A method by a name that stands in the source: the linker keeps methods of
// this name, and no others.
func init() {
	method := reflect.ValueOf(os.Stdout).MethodByName("Name")
	fmt.Println("called:", method.Call(nil)[0])
}
