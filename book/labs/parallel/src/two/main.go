package main

import (
	"fmt"
	"go/format"
	"text/template"
)

func main() {
	text, err := format.Source([]byte("package two"))
	fmt.Println(string(text), err, template.HTMLEscapeString("two"))
}
