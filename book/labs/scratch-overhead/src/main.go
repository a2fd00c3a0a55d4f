// A hello world that also says where it is.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("hello, world")
	fmt.Printf("uid=%d\n", os.Getuid())

	conf, err := os.ReadFile("/etc/resolv.conf")
	fmt.Printf("resolv.conf: %d bytes, error: %v\n", len(conf), err)
}
