// User-current asks who it is.
package main

import (
	"os/user"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("user-current")
	_, err := user.Current()
	room.Say("user", err)
	room.Stay()
}
