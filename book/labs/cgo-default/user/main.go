// Not a line of C; but it asks who runs it.
package main

import (
	"fmt"
	"os/user"
)

func main() {
	fmt.Println(user.Current())
}
