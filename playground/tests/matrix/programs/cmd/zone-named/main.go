// Zone-named loads a time zone that it names itself.
package main

import (
	"time"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("zone-named")
	_, err := time.LoadLocation("Europe/Berlin")
	room.Say("zone", err)
	room.Stay()
}
