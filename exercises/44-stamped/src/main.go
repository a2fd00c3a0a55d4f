// Says which Go built it, and of which commit it is.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

func main() {
	fmt.Println("built by", runtime.Version())
	info, _ := debug.ReadBuildInfo()
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			fmt.Println("of commit", setting.Value)
		}
	}
	for range 3 {
		fmt.Print(".")
	}
	fmt.Println(" the shop is open")
}
