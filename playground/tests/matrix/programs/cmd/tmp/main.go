// Tmp makes a temporary file.
package main

import (
	"os"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("tmp")
	file, err := os.CreateTemp("", "matrix-")
	if err == nil {
		file.Close()
	}
	room.Say("tmp", err)
	room.Stay()
}
