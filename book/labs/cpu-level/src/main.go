// Says for which level of CPUs it was built, which the compiler wrote into it.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

func main() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		fmt.Fprintln(os.Stderr, "nothing is written in this program")
		os.Exit(1)
	}
	for _, setting := range info.Settings {
		if setting.Key == "GOAMD64" {
			fmt.Println("the program runs: built for", setting.Value)
		}
	}
}
