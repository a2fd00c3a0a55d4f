// Tls-both trusts an authority of its own in one call, and the system's in another.
package main

import (
	"crypto/tls"
	"net/http"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls-both")
	own := &tls.Config{RootCAs: trust.Pool()}
	if connection, err := tls.Dial("tcp", "127.0.0.1:1", own); err == nil {
		connection.Close()
	}
	_, err := http.Get("https://upstream.test/")
	room.Say("asked", err)
	room.Say("tls", trust.Public(nil))
	room.Stay()
}
