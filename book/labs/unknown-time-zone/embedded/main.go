// Tells what noon UTC is in Berlin, in winter and in summer.
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // the whole database, compiled in: used where the machine has none
)

func main() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, month := range []time.Month{time.January, time.July} {
		noon := time.Date(2025, month, 15, 12, 0, 0, 0, time.UTC)
		fmt.Printf("%v: %s is %s in Berlin\n", month,
			noon.Format("15:04 MST"), noon.In(berlin).Format("15:04 MST"))
	}
}
