// User-name looks a user up by name.
package main

import (
	"os/user"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("user-name")
	_, err := user.Lookup(room.Asked("nobody"))
	room.Say("user", err)
	room.Stay()
}
