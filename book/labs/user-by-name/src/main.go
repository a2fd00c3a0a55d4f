// Says which number it runs as. The kernel knows no names.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Printf("the program runs with uid %d, gid %d\n", os.Getuid(), os.Getgid())
}
