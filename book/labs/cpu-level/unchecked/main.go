// Uses an instruction of AVX2 without asking whether the CPU has it.
package main

import "fmt"

// clear sets a register of 256 bits to zero; written in assembly, in clear_amd64.s.
func clear()

func main() {
	fmt.Println("the program runs, so far")
	clear()
	fmt.Println("and has come to its end")
}
