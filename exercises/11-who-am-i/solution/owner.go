package main

import (
	"os"
	"os/user"
	"strconv"
)

// owner tells as whom the program runs, in words for a log.
func owner() (string, error) {
	account, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return "", err
	}
	return account.Username, nil
}
