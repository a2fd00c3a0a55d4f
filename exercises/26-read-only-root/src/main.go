// A guest book. It counts its guests in a file: beside the program, unless GUESTBOOK_DIR names another folder.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

func main() {
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(cmp.Or(os.Getenv("GUESTBOOK_DIR"), filepath.Dir(program)), "guests")
	// Better not to open than to lose a guest.
	if err := write(file, 0); err != nil {
		log.Fatal(err)
	}
	var one sync.Mutex
	http.HandleFunc("/up", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "open") })
	http.HandleFunc("/enter", func(w http.ResponseWriter, _ *http.Request) {
		one.Lock()
		defer one.Unlock()
		text, err := os.ReadFile(file)
		if err == nil {
			guests, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			if err = write(file, guests+1); err == nil {
				fmt.Fprintln(w, "you are guest number", guests+1)
				return
			}
		}
		http.Error(w, err.Error(), http.StatusInternalServerError)
	})
	http.HandleFunc("/whoami", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "uid", os.Getuid()) })
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// write checks in a copy that the disk takes it, and then writes in place. (The copy goes where the
// operating system says that temporary files go: see os.TempDir.)
func write(file string, guests int) error {
	text := []byte(strconv.Itoa(guests) + "\n")
	copied, err := os.CreateTemp("", "guests-")
	if err != nil {
		return err
	}
	defer os.Remove(copied.Name())
	defer copied.Close()
	if _, err := copied.Write(text); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
