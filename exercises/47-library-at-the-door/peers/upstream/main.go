// Upstream is the neighbour: it greets whoever calls, and hangs up.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", ":5432")
	if err != nil {
		fmt.Fprintln(os.Stderr, "upstream:", err)
		os.Exit(1)
	}
	fmt.Println("ready: TCP on :5432")
	for {
		conn, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "upstream:", err)
			os.Exit(1)
		}
		fmt.Fprintln(conn, "hello from the neighbour")
		conn.Close()
	}
}
