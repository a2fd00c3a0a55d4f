// Says what time it is, and makes sure of it first.
package main

import (
	"fmt"
	"os"
	"time"
)

// What the runtime does by itself with TZ, but with an error at the end of it.
func init() {
	local, err := time.LoadLocation(os.Getenv("TZ"))
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
