// Package wire has a dot in its path, a generic type and a closure.
package wire

import "sort"

type Set[K comparable] struct{ m map[K]int }

//go:noinline
func (s *Set[K]) Add(k K) {
	if s.m == nil {
		s.m = map[K]int{}
	}
	s.m[k]++
}

//go:noinline
func SortBy[T any](xs []T, less func(a, b T) bool) {
	sort.Slice(xs, func(i, j int) bool { return less(xs[i], xs[j]) })
}

type Key struct {
	A string
	B int
}
