package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// What the proxy plays. The authority could vouch for no other name.
const name = "proxy.golang.org"

// Stands above the certificate, where a PEM file may say what it likes.
const title = "# Shop Ltd., network department: throwaway authority of one build\n"

// makeCertificates writes a new authority's certificate, and the proxy's, which
// it signed. Its key goes out of scope with this call and signs nothing else.
func makeCertificates(folder string) error {
	from, until := time.Now().Add(-24*time.Hour), time.Now().AddDate(10, 0, 0)
	authority := &x509.Certificate{
		SerialNumber:                big.NewInt(1),
		Subject:                     pkix.Name{CommonName: "Shop Ltd. network authority"},
		NotBefore:                   from,
		NotAfter:                    until,
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{name},
	}
	proxy := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotBefore:    from,
		NotAfter:     until,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca, err := x509.CreateCertificate(rand.Reader, authority, authority, signer.Public(), signer)
	if err != nil {
		return err
	}
	leaf, err := x509.CreateCertificate(rand.Reader, proxy, authority, key.Public(), signer)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, file := range []struct {
		name, kind, title string
		der               []byte
	}{
		{"company.crt", "CERTIFICATE", title, ca},
		{"proxy.pem", "CERTIFICATE", "", leaf},
		{"proxy.key", "PRIVATE KEY", "", keyDER},
	} {
		block := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.der})
		if err := os.WriteFile(filepath.Join(folder, file.name), append([]byte(file.title), block...), 0o600); err != nil {
			return err
		}
	}
	return nil
}
