// Badge tells as whom it runs. The kernel knows no names.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("GET /badge", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "uid", os.Getuid(), "gid", os.Getgid())
	})
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
