// A board of departures: local times all over the world, and a certificate that it wants to trust.
package main

import (
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"log"
	"net/http"
	"time"
)

// A public authority's certificate, to hold up and ask: do you know this one?
//
//go:embed public.pem
var public []byte

func main() {
	http.HandleFunc("/up", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "open") })
	http.HandleFunc("/noon", func(w http.ResponseWriter, r *http.Request) {
		zone, err := time.LoadLocation(r.URL.Query().Get("zone"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		noon := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
		fmt.Fprintln(w, "noon in Greenwich is", noon.In(zone).Format("15:04 MST"))
	})
	http.HandleFunc("/trust", func(w http.ResponseWriter, _ *http.Request) {
		block, _ := pem.Decode(public)
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err == nil {
			_, err = certificate.Verify(x509.VerifyOptions{})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "trusted")
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
