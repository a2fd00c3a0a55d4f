// Holds an index of 40 MiB, and makes a report of 1 MiB for each of 200 orders.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

const mib = 1 << 20

var (
	index  [40][]byte // in use until the end
	report []byte     // in use until the next one
)

func main() {
	for i := range index {
		index[i] = written(mib)
	}
	orders := time.Tick(5 * time.Millisecond)
	for range 200 {
		<-orders
		report = written(mib)
	}
	runtime.KeepAlive(index)
	fmt.Println("200 reports made; GOMEMLIMIT:", os.Getenv("GOMEMLIMIT"))
}

// written is memory that is not only asked for, but used: only then does the kernel count it.
func written(bytes int) []byte {
	memory := make([]byte, bytes)
	for page := 0; page < bytes; page += 4096 {
		memory[page] = 1
	}
	return memory
}
