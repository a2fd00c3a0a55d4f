// Greet needs a shared library that no base has.
package main

// #cgo LDFLAGS: -L/greet/new -lgreet
// extern int greet(void);
import "C"

import (
	"fmt"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("greet")
	fmt.Println("greeted:", C.greet())
	room.Stay()
}
