package main

import wire "example.com/dep/wire.v2"

func main() {
	var hits wire.Set[wire.Key]
	hits.Add(wire.Key{A: "a", B: 1})
	xs := []string{"b", "a"}
	wire.SortBy(xs, func(a, b string) bool { return a < b })
	for _, x := range xs {
		println(x)
	}
}
