// Writes a report by way of a temporary file, as uploads, archives and
// large sorts do. Nowhere does it say /tmp.
package main

import (
	"fmt"
	"os"
)

func main() {
	file, err := os.CreateTemp("", "report-*.csv")
	if err != nil {
		fmt.Fprintf(os.Stderr, "uid %d: %v\n", os.Getuid(), err)
		os.Exit(1)
	}
	defer os.Remove(file.Name())
	defer file.Close()

	written, err := file.WriteString("month,visitors\nJuly,14\n")
	if err != nil {
		fmt.Fprintf(os.Stderr, "uid %d: %v\n", os.Getuid(), err)
		os.Exit(1)
	}
	fmt.Printf("uid %d wrote %d bytes to %s\n", os.Getuid(), written, file.Name())

	// Who else may write there?
	if place, err := os.Stat(os.TempDir()); err == nil {
		fmt.Printf("%v %s\n", place.Mode(), os.TempDir())
	}
}
