// Listens on LISTEN, and tells which capabilities its file carries and which its room allows.
package main

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
)

func main() {
	self, _ := os.Executable()
	fmt.Printf("uid %d; %s carries %s\n", os.Getuid(), self, carried(self))
	fmt.Println("allowed at most (CapBnd):", status("CapBnd"))
	fmt.Println("in hand (CapEff):", status("CapEff"))

	address := os.Getenv("LISTEN")
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "uid %d listens on %s\n", os.Getuid(), address)
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(address, nil))
	os.Exit(1)
}

// carried reads the mark that setcap leaves on a file.
func carried(path string) string {
	mark := make([]byte, 24)
	n, err := syscall.Getxattr(path, "security.capability", mark)
	if err != nil || n < 8 {
		return "no mark"
	}
	permitted := binary.LittleEndian.Uint32(mark[4:])
	if binary.LittleEndian.Uint32(mark)&1 != 0 {
		return fmt.Sprintf("%#x=ep", permitted)
	}
	return fmt.Sprintf("%#x=p", permitted)
}

func status(key string) string {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		if value, found := strings.CutPrefix(line, key+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return "?"
}
