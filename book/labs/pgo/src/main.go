package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

// A reader of log lines, in small steps behind interfaces: the style in which much Go is written.

type source interface{ next() (byte, bool) }

type sink interface{ put(b byte) }

type text struct {
	data []byte
	at   int
}

func (t *text) next() (byte, bool) {
	if t.at == len(t.data) {
		return 0, false
	}
	b := t.data[t.at]
	t.at++
	return b, true
}

type counter struct {
	words, lines int
	hash         uint32
	inWord       bool
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' }

func mix(hash uint32, b byte) uint32 { return (hash ^ uint32(b)) * 16777619 }

func (c *counter) put(b byte) {
	if b == '\n' {
		c.lines++
	}
	if letter(b) {
		c.hash = mix(c.hash, b)
		c.inWord = true
		return
	}
	if c.inWord {
		c.words++
		c.inWord = false
	}
}

type lower struct{ to sink }

func (l lower) put(b byte) {
	if b >= 'A' && b <= 'Z' {
		b += 'a' - 'A'
	}
	l.to.put(b)
}

func pump(from source, to sink) {
	for {
		b, ok := from.next()
		if !ok {
			return
		}
		to.put(b)
	}
}

func lines(n int) []byte {
	var data []byte
	for i := range n {
		data = fmt.Appendf(data, "10.0.%d.%d GET /Items/%d HTTP/1.1 200 %d\n", i%256, i%77, i, i*31%9973)
	}
	return data
}

func main() {
	if len(os.Args) > 1 {
		out, err := os.Create(os.Args[1])
		if err != nil {
			panic(err)
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			panic(err)
		}
		defer pprof.StopCPUProfile()
	}
	data := lines(20000)
	best := time.Hour
	c := &counter{}
	for start := time.Now(); time.Since(start) < 3*time.Second; {
		*c = counter{}
		round := time.Now()
		pump(&text{data: data}, lower{c})
		best = min(best, time.Since(round))
	}
	fmt.Printf("words=%d lines=%d hash=%d\n", c.words, c.lines, c.hash)
	fmt.Printf("per-byte=%.3f\n", float64(best.Nanoseconds())/float64(len(data)))
}
