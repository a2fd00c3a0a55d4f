// Reads a thermometer that hangs on a small board with an ARM processor.
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
)

func main() {
	fmt.Printf("thermometer for %s/%s\n", runtime.GOOS, runtime.GOARCH)
	// On the board it would listen here until somebody asks.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	listener.Close()
}
