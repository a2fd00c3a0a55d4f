// Service-named looks a port up by a name that Go does not know itself.
package main

import (
	"net"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("service-named")
	_, err := net.LookupPort("tcp", "postgresql")
	room.Say("service", err)
	room.Stay()
}
