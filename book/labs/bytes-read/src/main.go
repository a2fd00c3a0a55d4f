// A service, and in front of it a witness that notes which files are opened until the first answer.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		serve()
	}
	if err := witness(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func serve() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	fmt.Println(http.ListenAndServe("127.0.0.1:8080", nil))
	os.Exit(1)
}
