// Counts the bits of a day's readings, and says for which level of CPUs it was built.
package main

import (
	"fmt"
	"math/bits"
	"runtime/debug"
)

func main() {
	set := 0
	for reading := range uint64(1440) {
		set += bits.OnesCount64(reading) // one instruction, where the compiler may rely on it
	}
	fmt.Printf("%d bits set, built for %s\n", set, level())
}

// level is what the compiler wrote into the program.
func level() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "nobody knows what"
	}
	for _, setting := range info.Settings {
		if setting.Key == "GOAMD64" {
			return setting.Value
		}
	}
	return "another kind of CPU"
}
