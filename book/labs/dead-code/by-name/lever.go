package main

import (
	"cmp"
	"fmt"
	"os"
	"reflect"
)

// A method by a name that only the running program knows. Which one will it
// be? The linker cannot tell, so it keeps them all.
func init() {
	name := cmp.Or(os.Getenv("METHOD"), "Name")
	method := reflect.ValueOf(os.Stdout).MethodByName(name)
	fmt.Println("called:", method.Call(nil)[0])
}
