// Says what time it is. TZ says where; nothing in here can fail.
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // the whole database, compiled in: also TZ finds it
)

func main() {
	now := time.Now()
	fmt.Printf("TZ=%s\n", os.Getenv("TZ"))
	fmt.Println("now:", now.Format(time.RFC3339))
	fmt.Println("on the invoice:", now.Format("Monday, 2 January 2006, 15:04 MST"))
}
