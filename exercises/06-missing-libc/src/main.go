// Greeter answers over HTTP. Not a line of C in sight.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
)

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	// Whom does this room take for localhost?
	http.HandleFunc("GET /localhost", func(w http.ResponseWriter, _ *http.Request) {
		addresses, err := net.LookupHost("localhost")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "localhost is", addresses)
	})
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
