// Run-on-demand would start another program, and is not asked to.
package main

import (
	"os/exec"

	"emptyroom/matrix/room"
)

var tasks = map[string]func() error{
	"none": func() error { return nil },
	"list": func() error { return exec.Command("ls").Run() },
}

func main() {
	room.Enter("run-on-demand")
	room.Say("task", tasks[room.Asked("none")]())
	room.Stay()
}
