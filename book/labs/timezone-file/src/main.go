// How far is the clock of this room from UTC, and by what name?
package main

import (
	"fmt"
	"time"
)

func main() {
	name, offset := time.Now().Zone()
	fmt.Printf("the zone is %s, offset=%d s\n", name, offset)
}
