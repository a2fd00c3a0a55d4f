// The work of a night: a report for each order, and a checksum of the export.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"runtime"
	"syscall"
	"time"
)

const mib = 1 << 20

var (
	index  [36][]byte // in use until the end
	prices []byte     // in use until the end, too, and no memory of Go's
	report []byte     // in use until the next one
)

func main() {
	log.SetFlags(0)
	for i := range index {
		index[i] = written(make([]byte, mib))
	}
	prices = written(mapped(12 * mib))
	orders := time.Tick(5 * time.Millisecond)
	for range 150 {
		<-orders
		report = written(make([]byte, mib))
	}
	fmt.Println("150 reports made")
	sum, bytes, err := checksum(io.LimitReader(zeroes{}, 100*mib))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("checksum %.8x… of %d bytes\n", sum, bytes)
	runtime.KeepAlive(index)
	runtime.KeepAlive(prices)
}

// checksum reads an export, as it would come over the network.
func checksum(export io.Reader) (sum []byte, bytes int64, err error) {
	whole, err := io.ReadAll(export)
	if err != nil {
		return nil, 0, err
	}
	all := sha256.Sum256(whole)
	return all[:], int64(len(whole)), nil
}

// mapped asks the kernel for memory past Go, as databases and caches do.
func mapped(bytes int) []byte {
	memory, err := syscall.Mmap(-1, 0, bytes, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		log.Fatal(err)
	}
	return memory
}

// written is memory that is not only asked for, but used: only then does the kernel count it.
func written(memory []byte) []byte {
	for page := 0; page < len(memory); page += 4096 {
		memory[page] = 1
	}
	return memory
}

type zeroes struct{}

func (zeroes) Read(into []byte) (int, error) {
	clear(into)
	return len(into), nil
}
