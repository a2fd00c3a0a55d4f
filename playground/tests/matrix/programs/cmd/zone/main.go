// Zone loads a time zone by its name.
package main

import (
	"time"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("zone")
	_, err := time.LoadLocation(room.Asked("Europe/Berlin"))
	room.Say("zone", err)
	room.Stay()
}
