// Tmp-directory makes a temporary directory.
package main

import (
	"os"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("tmp-directory")
	_, err := os.MkdirTemp("", "matrix-")
	room.Say("tmp", err)
	room.Stay()
}
