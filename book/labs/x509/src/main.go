// Asks whom this room trusts: a public authority that browsers know, and the
// company's own, by calling a server that it vouches for.
package main

import (
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

//go:embed public.pem
var public []byte

func main() {
	if err := trusted(public); err != nil {
		fmt.Fprintln(os.Stderr, "ISRG Root X1:", err)
	} else {
		fmt.Println("ISRG Root X1: trusted")
	}

	client := &http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get("https://upstream.test:8443/")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
	fmt.Printf("%s: %s", resp.Status, body)
}

// Trusted holds a certificate against the authorities that Go finds here.
func trusted(certificate []byte) error {
	block, _ := pem.Decode(certificate)
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	_, err = parsed.Verify(x509.VerifyOptions{})
	return err
}
