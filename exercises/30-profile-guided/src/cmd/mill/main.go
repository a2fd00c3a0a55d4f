// Grinds numbers: small steps behind interfaces, which a compiler cannot see through without help.
package main

import (
	"os"
	"strconv"
)

type grain interface{ grind(n uint64) uint64 }

type collatz struct{}

func (collatz) grind(n uint64) uint64 {
	if n%2 == 0 {
		return n / 2
	}
	return 3*n + 1
}

// steps counts how often a number is ground until it is fine.
func steps(by grain, n uint64) uint64 {
	count := uint64(0)
	for n != 1 {
		n = by.grind(n)
		count++
	}
	return count
}

func main() {
	most, at := uint64(0), uint64(0)
	for n := uint64(1); n < 1_000_000; n++ {
		if count := steps(collatz{}, n); count > most {
			most, at = count, n
		}
	}
	os.Stdout.WriteString("hardest grain: " + strconv.FormatUint(at, 10) +
		", steps: " + strconv.FormatUint(most, 10) + "\n")
}
