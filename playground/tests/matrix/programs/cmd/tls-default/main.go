// Tls-default gives the client that everybody shares an authority of its own.
package main

import (
	"crypto/tls"
	"net/http"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls-default")
	if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		shared.TLSClientConfig = &tls.Config{RootCAs: trust.Pool()}
	}
	_, err := http.Get("https://upstream.test/")
	room.Say("asked", err)
	room.Say("tls", trust.Public(trust.Pool()))
	room.Stay()
}
