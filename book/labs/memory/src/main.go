// A program that keeps some memory and throws away much more, as services do.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

const (
	mib   = 1 << 20
	block = 64 << 10
)

// What is reachable from here is in use: no collection can free it.
var kept [][]byte

// The newest block. Were it stored nowhere, the compiler would put it on the stack, and no
// garbage would come of it.
var newest []byte

func main() {
	keep := flag.Int("keep", 45, "MiB that stay in use")
	waste := flag.Int("waste", 300, "MiB that are used once and dropped")
	rate := flag.Int("rate", 200, "MiB a second; 0: as fast as it can")
	file := flag.Int("file", 0, "MiB of a file, in /tmp and in /var/tmp")
	flag.Parse()

	allocate(*keep, 200, func() { kept = append(kept, newest) })
	if *file > 0 {
		for _, dir := range []string{"/tmp", "/var/tmp"} {
			if err := os.WriteFile(dir+"/file", make([]byte, *file*mib), 0o600); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	}
	allocate(*waste, *rate, func() {})
	runtime.KeepAlive(kept)

	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Printf("in use: %d MiB, in files: %d MiB, thrown away: %d MiB\n", *keep, 2**file, *waste)
	fmt.Printf("collections=%d\n", stats.NumGC)
	fmt.Printf("peak=%d bytes\n", peak())
}

// allocate asks for so many MiB, block by block, at so many MiB a second.
func allocate(total, rate int, each func()) {
	start := time.Now()
	for done := range total {
		if rate > 0 {
			due := time.Duration(done) * time.Second / time.Duration(rate)
			time.Sleep(time.Until(start.Add(due)))
		}
		for range mib / block {
			newest = make([]byte, block)
			// Only what is written to is handed out by the kernel.
			for page := 0; page < block; page += 4096 {
				newest[page] = 1
			}
			each()
		}
	}
}

// peak is the most memory that this process has had so far, as the kernel counts it.
func peak() int {
	kib := 0
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		fmt.Sscanf(line, "VmHWM: %d kB", &kib)
	}
	return kib << 10
}
