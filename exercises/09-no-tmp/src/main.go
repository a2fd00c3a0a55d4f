// Reports writes each report by way of a temporary file, as uploads and large
// sorts do. Nowhere does it say /tmp.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("GET /whoami", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "uid", os.Getuid())
	})
	http.HandleFunc("GET /report", func(w http.ResponseWriter, _ *http.Request) {
		if err := report(w); err != nil {
			log.Println("report:", err)
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func report(w io.Writer) error {
	file, err := os.CreateTemp("", "report-*.csv")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if _, err := file.WriteString("month,visitors\nJuly,14\n"); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return err
}
