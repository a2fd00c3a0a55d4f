// Tls-dial is a client of TLS servers, through crypto/tls.
package main

import (
	"crypto/tls"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls-dial")
	_, err := tls.Dial("tcp", "127.0.0.1:1", nil)
	room.Say("asked", err)
	room.Say("tls", trust.Public(nil))
	room.Stay()
}
