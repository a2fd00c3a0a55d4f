// Looks up a name, so that an ordinary build here would link the C library.
package main

import (
	"fmt"
	"net"
	"runtime"
)

func main() {
	fmt.Print("built for ", runtime.GOARCH, ": ")
	fmt.Println(net.LookupHost("localhost"))
}
