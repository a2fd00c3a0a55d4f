// Hello needs nothing but a kernel.
package main

import "emptyroom/matrix/room"

func main() {
	room.Enter("hello")
	room.Stay()
}
