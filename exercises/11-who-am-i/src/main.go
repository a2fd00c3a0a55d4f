// Logbook writes down who started it, before it does anything else.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	name, err := owner()
	if err != nil {
		log.Fatal("who am I? ", err)
	}
	entry := fmt.Sprintf("started by %s, uid %d", name, os.Getuid())
	log.Println(entry)

	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("GET /entry", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, entry)
	})
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
