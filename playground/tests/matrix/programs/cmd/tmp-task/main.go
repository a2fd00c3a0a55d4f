// Tmp-task makes a temporary file in a task that it finds by its name.
package main

import (
	"os"

	"emptyroom/matrix/room"
)

var tasks = map[string]func() error{
	"write": func() error {
		file, err := os.CreateTemp("", "matrix-")
		if err == nil {
			file.Close()
		}
		return err
	},
}

func main() {
	room.Enter("tmp-task")
	room.Say("tmp", tasks[room.Asked("write")]())
	room.Stay()
}
