// Tls-client is a client of TLS servers, with a client of its own that trusts what the system does.
package main

import (
	"net/http"
	"time"

	"emptyroom/matrix/room"
	"emptyroom/matrix/trust"
)

func main() {
	room.Enter("tls-client")
	client := &http.Client{Timeout: time.Second}
	if answer, err := client.Get("https://upstream.test/"); err == nil {
		answer.Body.Close()
	}
	room.Say("tls", trust.Public(nil))
	room.Stay()
}
