// Zone-embedded loads a time zone by its name, and carries all of them.
package main

import (
	"time"
	_ "time/tzdata"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("zone-embedded")
	_, err := time.LoadLocation(room.Asked("Europe/Berlin"))
	room.Say("zone", err)
	room.Stay()
}
