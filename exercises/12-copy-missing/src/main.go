// Window shows one page, which is compiled in.
package main

import (
	_ "embed"
	"io"
	"log"
	"net/http"
)

//go:embed web/index.html
var page string

func main() {
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, page)
	})
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
