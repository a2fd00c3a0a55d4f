// Says a price, and whether this image believes the company's proxy.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"shop.example/price"
)

const company = "Shop Ltd. network authority"

func main() {
	fmt.Println("a chair costs", price.Of("chair"))
	bundle, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for len(bundle) > 0 {
		var block *pem.Block
		if block, bundle = pem.Decode(bundle); block == nil {
			break
		}
		if ca, err := x509.ParseCertificate(block.Bytes); err == nil && ca.Subject.CommonName == company {
			fmt.Println("among the authorities of this image:", company)
			return
		}
	}
	fmt.Println("not among the authorities of this image:", company)
}
