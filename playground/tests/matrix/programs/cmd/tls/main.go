// Tls is a client of TLS servers, through net/http.
package main

import (
	"net/http"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls")
	// Nobody answers in a room without a network; what would be trusted can be told all the same.
	_, err := http.Get("https://upstream.test/")
	room.Say("asked", err)
	room.Say("tls", trust.Public(nil))
	room.Stay()
}
