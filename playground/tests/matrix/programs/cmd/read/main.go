// Read reads the file that it is told.
package main

import (
	"os"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("read")
	_, err := os.ReadFile(room.Asked("small.txt"))
	room.Say("file", err)
	room.Stay()
}
