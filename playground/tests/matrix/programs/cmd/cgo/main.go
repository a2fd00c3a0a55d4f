// Cgo calls one function of the C library.
package main

// #include <unistd.h>
import "C"

import (
	"fmt"

	"emptyroom/matrix/room"
)

func main() {
	room.Enter("cgo")
	fmt.Println("parent, says C:", C.getppid())
	room.Stay()
}
