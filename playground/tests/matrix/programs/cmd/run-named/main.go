// Run-named starts another program, which it names itself.
package main

import (
	"os/exec"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("run-named")
	room.Say("exec", exec.Command("ls", "health").Run())
	room.Stay()
}
