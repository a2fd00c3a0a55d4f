// Asks for two kinds of data that a program does not carry by itself: the rules
// of a time zone, and the certificate authorities to trust.
package main

import (
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

//go:embed public.pem
var public []byte

func main() {
	ask := zone
	if len(os.Args) > 1 && os.Args[1] == "authority" {
		ask = authority
	}
	if err := ask(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func zone() error {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	noon := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println("July: 12:00 UTC is", noon.In(berlin).Format("15:04 MST"), "in Berlin")
	return nil
}

// authority holds up a certificate that every browser knows.
func authority() error {
	block, _ := pem.Decode(public)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	if _, err := certificate.Verify(x509.VerifyOptions{}); err != nil {
		return fmt.Errorf("ISRG Root X1: %w", err)
	}
	fmt.Println("ISRG Root X1: trusted")
	return nil
}
