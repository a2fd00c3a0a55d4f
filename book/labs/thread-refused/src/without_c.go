//go:build !cgo

package main

// threadsBy tells who asks the kernel for threads: without cgo it is Go's runtime.
func threadsBy() string { return "Go's runtime" }
