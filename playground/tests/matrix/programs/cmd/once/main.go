// Once says that it started, and ends.
package main

import "emptyroom/matrix/room"

func main() { room.Enter("once") }
