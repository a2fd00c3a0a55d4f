// The web site of a garden centre, on the address that LISTEN names.
package main

import (
	"fmt"
	"log"
	"mime"
	"net/http"
	"os"
	"path"
)

func main() {
	log.SetFlags(0)
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "welcome")
	})
	// What http.FileServer would call a file of this name.
	http.HandleFunc("GET /type/{name}", func(w http.ResponseWriter, r *http.Request) {
		kind := mime.TypeByExtension(path.Ext(r.PathValue("name")))
		if kind == "" {
			kind = "text/plain, by the look of it"
		}
		fmt.Fprintln(w, kind)
	})
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil))
}
