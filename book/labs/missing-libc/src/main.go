// Looks up a name and says what it found. Not a line of C in sight; but the
// import of net is enough for a default build to want the C library.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	addrs, err := net.LookupHost("localhost")
	if err != nil {
		fmt.Fprintln(os.Stderr, "lookup:", err)
		os.Exit(1)
	}
	fmt.Println("the program runs: localhost is", addrs[0])
}
