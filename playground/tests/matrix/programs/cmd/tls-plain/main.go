// Tls-plain asks an address that it is given, over plain HTTP.
package main

import (
	"net/http"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("tls-plain")
	if answer, err := http.Get(room.Asked("http://127.0.0.1:1/")); err == nil {
		answer.Body.Close()
	}
	room.Stay()
}
