// Counts its starts in a file: the smallest thing that deserves the name state.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const state = "/data/starts"

func main() {
	fmt.Printf("uid %d; the root file system is mounted %s\n", os.Getuid(), mounted("/"))
	starts, err := count()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("start number %d, kept in %s (mounted %s)\n", starts, state, mounted("/data"))
}

func count() (int, error) {
	text, err := os.ReadFile(state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	starts, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	starts++
	return starts, os.WriteFile(state, []byte(strconv.Itoa(starts)+"\n"), 0o644)
}

// mounted tells whether the file system that holds path can be written to.
func mounted(path string) string {
	const readOnly = 1 // ST_RDONLY
	var about syscall.Statfs_t
	if err := syscall.Statfs(path, &about); err != nil {
		return err.Error()
	}
	if about.Flags&readOnly != 0 {
		return "read-only"
	}
	return "read-write"
}
