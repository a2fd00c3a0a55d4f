// Tmp makes a temporary file.
package main

import (
	"os"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("tmp")
	_, err := os.CreateTemp("", "matrix-")
	room.Say("tmp", err)
	room.Stay()
}
