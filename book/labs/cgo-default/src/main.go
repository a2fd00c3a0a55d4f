// Not a line of C; but it looks up a host name.
package main

import (
	"fmt"
	"net"
)

func main() {
	fmt.Println(net.LookupHost("localhost"))
}
