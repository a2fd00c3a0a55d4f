// User-optional greets whom it runs as, if anybody knows the name.
package main

import (
	"fmt"
	"os/user"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("user-optional")
	if me, err := user.Current(); err == nil {
		fmt.Println("welcome:", me.Username)
	}
	room.Stay()
}
