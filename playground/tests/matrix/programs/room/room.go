// Package room is what every program of the matrix has in common: it says that it started,
// says what came of each attempt on a line of its own, and stays until it is told to stop.
package room

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Enter is the first thing that a program does. As its own health check it ends here.
func Enter(program string) {
	switch Asked("") {
	case "health":
		os.Exit(0)
	case "sick":
		fmt.Println("sick, as asked")
		os.Exit(1)
	}
	fmt.Println("started:", program)
	fmt.Println("uid:", os.Getuid())
	fmt.Println("arguments:", strings.Join(os.Args[1:], " "))
	zone, offset := time.Date(2025, 7, 15, 12, 0, 0, 0, time.UTC).In(time.Local).Zone()
	fmt.Println("local:", zone, offset)
}

// Asked is the first argument, or what is done without one.
func Asked(otherwise string) string {
	if len(os.Args) > 1 {
		return os.Args[1]
	}
	return otherwise
}

// Say tells what came of an attempt.
func Say(what string, err error) {
	if err != nil {
		fmt.Printf("%s: error: %v\n", what, err)
		return
	}
	fmt.Printf("%s: ok\n", what)
}

// Stay keeps the program until SIGTERM, or for half a minute.
func Stay() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	fmt.Println("ready:")
	select {
	case <-asked:
		fmt.Println("signal: terminated")
	case <-time.After(30 * time.Second):
	}
}
