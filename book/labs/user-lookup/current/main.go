// Asks for "the current user": the same question, asked in another way.
package main

import (
	"fmt"
	"os"
	"os/user"
)

func main() {
	account, err := user.Current()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("started by %s, at home in %s\n", account.Username, account.HomeDir)
}
