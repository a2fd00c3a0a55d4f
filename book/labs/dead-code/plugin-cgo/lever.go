package main

import (
	"fmt"
	"plugin"
)

// A plug-in is linked later, and may use whatever this program is made of.
func init() {
	_, err := plugin.Open("/extra.so")
	fmt.Println("called:", err)
}
