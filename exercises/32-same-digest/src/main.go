package main

// Both are set by the linker.
var (
	version = "unknown"
	built   = "not said"
)

func main() {
	println("notary, version", version+", built:", built)
}
