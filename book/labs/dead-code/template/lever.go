package main

import (
	"os"
	"text/template"
)

// A template may call any method of what it is given, by name.
func init() {
	line := template.Must(template.New("").Parse("called: {{.Name}}\n"))
	if err := line.Execute(os.Stdout, os.Stdout); err != nil {
		panic(err)
	}
}
