// Opens a port, says which, and ends.
package main

import (
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	println("listening on", listener.Addr().String())
}
