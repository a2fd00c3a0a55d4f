// Prints the head of today's report.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	now := time.Now()
	fmt.Printf("TZ=%q\n", os.Getenv("TZ"))
	fmt.Println("now:", now.Format(time.RFC3339))
	fmt.Println("report of", now.Format("Monday, 2 January 2006"))
}
