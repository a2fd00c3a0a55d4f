// User-id looks up the user that it runs as, by number.
package main

import (
	"os"
	"os/user"
	"strconv"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("user-id")
	_, err := user.LookupId(strconv.Itoa(os.Getuid()))
	room.Say("user", err)
	room.Stay()
}
