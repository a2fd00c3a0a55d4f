// Asks one HTTPS server one question, and trusts one authority: the one that
// is compiled in.
package main

import (
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

//go:embed upstream-ca.pem
var upstreamCA []byte

func main() {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(upstreamCA) {
		fmt.Fprintln(os.Stderr, "upstream-ca.pem holds no certificate")
		os.Exit(1)
	}
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
	resp, err := client.Get("https://upstream.test:8443/")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
	fmt.Printf("%s: %s", resp.Status, body)
}
