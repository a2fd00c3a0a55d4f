// Run starts another program.
package main

import (
	"os/exec"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("run")
	room.Say("exec", exec.Command(room.Asked("ls"), "health").Run())
	room.Stay()
}
