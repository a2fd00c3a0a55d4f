// Says hello without importing anything. println belongs to the language, and
// writes to stderr.
package main

func main() {
	println("hello")
}
