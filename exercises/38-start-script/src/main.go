// Opens the shop with a greeting, if its start script has told it one.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	log.SetFlags(0)
	greeting := os.Getenv("GREETING")
	if greeting == "" {
		log.Fatal("GREETING is not set")
	}
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, greeting)
	})
	http.HandleFunc("GET /first", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "process 1:", os.Getpid() == 1)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
