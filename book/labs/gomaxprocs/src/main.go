package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

func main() {
	fmt.Println("compiled by", runtime.Version())
	fmt.Printf("cores=%d\n", runtime.NumCPU())
	fmt.Printf("gomaxprocs=%d\n", runtime.GOMAXPROCS(0))
	asks := 0
	if v := runtime.Version(); !strings.HasPrefix(v, "go1.23") && !strings.HasPrefix(v, "go1.24") {
		asks = 1
	}
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "DefaultGODEBUG" && strings.Contains(s.Value, "containermaxprocs=0") {
			asks = 0
		}
	}
	fmt.Printf("heeds-quota=%d\n", asks)
}
