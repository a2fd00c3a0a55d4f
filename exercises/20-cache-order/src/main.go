// Compares two spellings of a word: with one character for the last letter, and with two.
package main

import (
	"fmt"

	"golang.org/x/text/unicode/norm"
)

func main() {
	one, two := "caf\u00e9", "cafe\u0301"
	same := one != two && norm.NFC.String(one) == norm.NFC.String(two)
	fmt.Println("one word in two spellings:", same)
}
