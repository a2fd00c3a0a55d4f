// Listen serves on the port that it is told.
package main

import (
	"net"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("listen")
	listener, err := net.Listen("tcp", ":"+room.Asked("8080"))
	if err == nil {
		defer listener.Close()
	}
	room.Say("listen", err)
	room.Stay()
}
