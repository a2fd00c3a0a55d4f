// Warehouse is the other side: a TLS server with a certificate that is signed
// by the company's own authority.
//
//	warehouse DIR   at image build: writes ca.pem and server.pem there
//	warehouse       at run: serves TLS on :8443
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const name = "warehouse.test"

func main() {
	log.SetFlags(0)
	if len(os.Args) > 1 {
		if err := makeCertificates(os.Args[1]); err != nil {
			log.Fatal(err)
		}
		return
	}
	pair, err := tls.LoadX509KeyPair("/server.pem", "/server.pem")
	if err != nil {
		log.Fatal(err)
	}
	listener, err := tls.Listen("tcp", ":8443", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /stock", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "14 chairs, no tables")
	})
	fmt.Println("ready: TLS on :8443 for", name)
	log.Fatal(http.Serve(listener, nil))
}

// makeCertificates lets an authority live for one call: its key is never
// written down, so it signs one certificate and no other.
func makeCertificates(dir string) error {
	// Built images are kept for long, and clocks drift.
	from, until := time.Now().AddDate(0, 0, -1), time.Now().AddDate(10, 0, 0)
	authority := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "Shop and Warehouse throwaway authority"},
		NotBefore:             from,
		NotAfter:              until,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
		PermittedDNSDomains:   []string{name},
	}
	server := &x509.Certificate{
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
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, &signer.PublicKey, signer)
	if err != nil {
		return err
	}
	leaf, err := x509.CreateCertificate(rand.Reader, server, authority, &key.PublicKey, signer)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	var ca, both bytes.Buffer
	for _, one := range []struct {
		into *bytes.Buffer
		kind string
		der  []byte
	}{{&ca, "CERTIFICATE", root}, {&both, "CERTIFICATE", leaf}, {&both, "PRIVATE KEY", secret}} {
		if err := pem.Encode(one.into, &pem.Block{Type: one.kind, Bytes: one.der}); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), ca.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "server.pem"), both.Bytes(), 0o600)
}
