// Serves the site.
package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.Handle("/", http.FileServer(http.Dir("/site")))
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "open")
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
