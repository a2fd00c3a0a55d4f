// Calls its neighbour by name, and says which files the room had to look that
// name up in.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func main() {
	for _, file := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services"} {
		if _, err := os.Stat(file); err == nil {
			fmt.Println("there is", file)
		} else {
			fmt.Println("there is no", file)
		}
	}

	upstream := os.Getenv("UPSTREAM")
	conn, err := net.DialTimeout("tcp", upstream, 5*time.Second)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	greeting, err := io.ReadAll(io.LimitReader(conn, 200))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s says: %s", upstream, greeting)
}
