// Stamp writes Go source. It stands for the generators and linters that a project needs to build.
package main

import "fmt"

func main() { fmt.Printf("package main\n\nconst stamped = %q\n", "stamped by a tool") }
