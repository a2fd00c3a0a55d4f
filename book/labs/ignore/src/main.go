package main

import (
	"fmt"

	"emptyroom/ignore/internal/greet"
)

func main() {
	fmt.Print(greet.Text())
}
