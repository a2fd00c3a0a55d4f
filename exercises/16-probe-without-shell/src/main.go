// A service that is well until somebody makes it ill. With a flag it is something else for a
// moment, for the copy of itself that serves in the same container.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const self = "http://127.0.0.1:8080"

func main() {
	log.SetFlags(0)
	version := flag.Bool("version", false, "say which version this is")
	examine := flag.Bool("examine", false, "ask the running service how it is; exit with 0 or 1")
	fallIll := flag.Bool("fall-ill", false, "make the running service ill")
	flag.Parse()
	switch {
	case *version:
		fmt.Println("patient 1.0")
	case *examine:
		ask("/healthz")
	case *fallIll:
		ask("/fall-ill")
	default:
		serve()
	}
}

func serve() {
	var ill atomic.Bool
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if ill.Load() {
			http.Error(w, "I feel awful", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "I am well")
	})
	http.HandleFunc("/fall-ill", func(w http.ResponseWriter, _ *http.Request) {
		ill.Store(true)
		fmt.Fprintln(w, "oh no")
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// ask exits with 1 where the answer is not 200.
func ask(path string) {
	client := http.Client{Timeout: time.Second}
	answer, err := client.Get(self + path)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	fmt.Println(self+path, "says", answer.Status)
	if answer.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}
