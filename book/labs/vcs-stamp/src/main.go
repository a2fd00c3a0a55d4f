// A program that says which commit it is made of.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

func main() {
	info, _ := debug.ReadBuildInfo()
	fmt.Println("compiled by", runtime.Version())
	fmt.Println("version", info.Main.Version)
	stamps := 0
	for _, setting := range info.Settings {
		if strings.HasPrefix(setting.Key, "vcs") {
			fmt.Println(setting.Key, setting.Value)
			stamps++
		}
	}
	fmt.Printf("stamps=%d\n", stamps)
}
