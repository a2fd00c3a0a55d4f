// Tls-roots is a client of TLS servers that carries the public authorities itself.
package main

import (
	"net/http"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"

	_ "golang.org/x/crypto/x509roots/fallback"
)

func main() {
	room.Enter("tls-roots")
	_, err := http.Get("https://upstream.test/")
	room.Say("asked", err)
	room.Say("tls", trust.Public(nil))
	room.Stay()
}
