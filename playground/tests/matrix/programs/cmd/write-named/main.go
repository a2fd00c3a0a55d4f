// Write-named makes a file at a place that it names itself.
package main

import (
	"os"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("write-named")
	room.Say("written", os.WriteFile("state/seen", []byte("yes"), 0o644))
	room.Stay()
}
