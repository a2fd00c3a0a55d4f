// Asks for the account behind its own uid, as programs do that write "started
// by …" into a log, or look for a home directory.
package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
)

func main() {
	account, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("started by %s, at home in %s\n", account.Username, account.HomeDir)
}
