// User-named looks up a user that it names itself.
package main

import (
	"os/user"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("user-named")
	_, err := user.Lookup("nobody")
	room.Say("user", err)
	room.Stay()
}
