// A program that reads its own file as a scanner would, and lists what it was made of.
package main

import (
	"debug/buildinfo"
	"fmt"
	"os"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

func main() {
	info, err := buildinfo.ReadFile("/app")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Print(info)
	message.NewPrinter(language.German).Printf("%d modules\n", len(info.Deps)+1)
}
