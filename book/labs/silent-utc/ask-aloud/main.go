// Says what time it is, and makes sure of it first.
package main

import (
	"fmt"
	"os"
	"time"
)

// Loads the zone that TZ names, by name: LoadLocation has an error to return. Without
// TZ nothing is touched, so a mounted /etc/localtime still counts.
func init() {
	name := os.Getenv("TZ")
	if name == "" {
		return
	}
	local, err := time.LoadLocation(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "TZ:", err)
		os.Exit(1)
	}
	time.Local = local
}

func main() {
	now := time.Now()
	fmt.Printf("TZ=%s\n", os.Getenv("TZ"))
	fmt.Println("now:", now.Format(time.RFC3339))
	fmt.Println("on the invoice:", now.Format("Monday, 2 January 2006, 15:04 MST"))
}
