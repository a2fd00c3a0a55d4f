package main

// built is set by the linker, if at all.
var built = "I do not say when I was built"

func main() {
	println(built)
}
