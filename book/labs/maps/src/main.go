package main

import (
	"fmt"
	"time"
)

const (
	size  = 100_000
	tries = 12
)

// The best of some tries, in nanoseconds for one step.
func best(steps int, work func()) float64 {
	found := time.Hour
	for range tries {
		start := time.Now()
		work()
		found = min(found, time.Since(start))
	}
	return float64(found.Nanoseconds()) / float64(steps)
}

func main() {
	keys := make([]string, size)
	for i := range keys {
		keys[i] = fmt.Sprintf("session-%08x", uint32(i)*2654435761)
	}
	sessions := map[string]int{}
	for i, key := range keys {
		sessions[key] = i
	}
	sum := 0
	fmt.Printf("lookup=%.2f\n", best(size, func() {
		for _, key := range keys {
			sum += sessions[key]
		}
	}))
	fmt.Printf("insert=%.2f\n", best(size, func() {
		grown := map[string]int{}
		for i, key := range keys {
			grown[key] = i
		}
		sum += len(grown)
	}))
	fmt.Printf("range=%.2f\n", best(size, func() {
		for _, value := range sessions {
			sum += value
		}
	}))
	fmt.Println("sum", sum)
}
