// Keeps orders in a plain file on a volume.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	fmt.Printf("uid %d, gid %d\n", os.Getuid(), os.Getgid())
	show("/data")

	file, err := os.OpenFile("/data/orders.log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(file, "tea")
	fmt.Println("stored in", file.Name())
}

// show tells who may do what with a path.
func show(path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	owner := info.Sys().(*syscall.Stat_t)
	fmt.Printf("%s %d:%d %s\n", info.Mode(), owner.Uid, owner.Gid, path)
}
