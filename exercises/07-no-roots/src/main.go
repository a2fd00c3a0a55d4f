// Shop asks the warehouse next door, over TLS, how much is left. It also tells
// how many authorities it trusts: payments go to banks out on the Internet.
package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second}

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("GET /stock", stock)
	http.HandleFunc("GET /authorities", authorities)
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func stock(w http.ResponseWriter, _ *http.Request) {
	resp, err := client.Get("https://warehouse.test:8443/stock")
	if err != nil {
		log.Println("stock:", err)
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
	fmt.Fprintf(w, "the warehouse says: %s", body)
}

func authorities(w http.ResponseWriter, _ *http.Request) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	// Deprecated, since other systems keep their list where Go cannot count
	// it. On Linux it is files, and all of them are read.
	fmt.Fprintln(w, "authorities:", len(pool.Subjects()))
}
