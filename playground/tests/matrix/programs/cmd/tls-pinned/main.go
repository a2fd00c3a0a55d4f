// Tls-pinned is a client of TLS servers that trusts one authority, which it names itself.
package main

import (
	"crypto/tls"
	"net/http"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls-pinned")
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust.Pool()}}
	client := &http.Client{Transport: transport}
	if answer, err := client.Get("https://upstream.test/"); err == nil {
		answer.Body.Close()
	}
	room.Say("tls", trust.Public(trust.Pool()))
	room.Stay()
}
