// A ledger: it appends what it is told to a file on the volume that is mounted at /data.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
	"syscall"
)

const file = "/data/ledger"

func main() {
	ledger, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	var one sync.Mutex
	http.HandleFunc("/up", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "open") })
	http.HandleFunc("/add", func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		if _, err := fmt.Fprintln(ledger, r.URL.Query().Get("line")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "written")
	})
	http.HandleFunc("/all", func(w http.ResponseWriter, _ *http.Request) {
		text, err := os.ReadFile(file)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Write(text)
	})
	http.HandleFunc("/whoami", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "uid %d; /data is a volume: %t\n", os.Getuid(), device("/") != device("/data"))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// device tells which file system a path is on.
func device(path string) uint64 {
	var about syscall.Stat_t
	if err := syscall.Stat(path, &about); err != nil {
		return 0
	}
	return uint64(about.Dev)
}
