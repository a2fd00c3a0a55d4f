// Tls-own-fallback is a client of TLS servers that brings its own authorities for where the
// system has none.
package main

import (
	"crypto/x509"
	"net/http"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls-own-fallback")
	x509.SetFallbackRoots(trust.Pool())
	_, err := http.Get("https://upstream.test/")
	room.Say("asked", err)
	room.Say("tls", trust.Public(nil))
	room.Stay()
}
