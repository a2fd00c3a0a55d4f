// A program with one dependency that is worth a download: it writes a number as people in three places do.
package main

import (
	"fmt"
	"os"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

func main() {
	for _, place := range []string{"en", "de", "hi"} {
		message.NewPrinter(language.Make(place)).Printf("%s: %d\n", place, 12345678)
	}
	times, err := os.ReadFile("/times.txt")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Print(string(times))
}
