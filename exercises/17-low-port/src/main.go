// Listens where LISTEN says, and says who it is.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	log.SetFlags(0)
	address := os.Getenv("LISTEN")
	if address == "" {
		address = ":80"
	}
	log.Printf("uid %d; wants to listen on %s", os.Getuid(), address)
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "uid %d listens on %s\n", os.Getuid(), address)
	})
	log.Fatal(http.ListenAndServe(address, nil))
}
