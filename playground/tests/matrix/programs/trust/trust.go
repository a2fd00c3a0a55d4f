// Package trust tells whether this room trusts a public authority that browsers know.
package trust

import (
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
)

//go:embed public.pem
var public []byte

// Public is nil where it does.
func Public(roots *x509.CertPool) error {
	block, _ := pem.Decode(public)
	if block == nil {
		return errors.New("public.pem holds no certificate")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	_, err = certificate.Verify(x509.VerifyOptions{Roots: roots})
	return err
}

// Pool holds that authority alone.
func Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return pool
}
