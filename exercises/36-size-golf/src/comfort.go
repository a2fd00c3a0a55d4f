//go:build !small

package main

// Comfort, for those who have room: left out with -tags small.
import (
	_ "net/http/pprof"
	_ "time/tzdata"
)
