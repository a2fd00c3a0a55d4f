// Tls-server serves TLS and calls nobody.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"time"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("tls-server")
	certificate, err := minted()
	if err != nil {
		room.Say("listen", err)
		return
	}
	listener, err := tls.Listen("tcp", ":8443", &tls.Config{Certificates: []tls.Certificate{certificate}})
	room.Say("listen", err)
	if err == nil {
		go http.Serve(listener, http.NotFoundHandler())
	}
	room.Stay()
}

func minted() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{"upstream.test"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
