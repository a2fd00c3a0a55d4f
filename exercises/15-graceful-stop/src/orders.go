package main

import (
	"fmt"
	"log"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// What was answered and is not shipped yet.
var promised sync.WaitGroup

var orders atomic.Int64

func front(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "open for orders")
}

// order answers at once; the rest is done in the background.
func order(w http.ResponseWriter, _ *http.Request) {
	number := orders.Add(1)
	promised.Add(1)
	go func() {
		defer promised.Done()
		log.Printf("order %d: card charged", number)
		time.Sleep(2 * time.Second)
		log.Printf("order %d: goods shipped", number)
	}()
	fmt.Fprintf(w, "thank you for order %d\n", number)
}

// keepPromises returns when everything that was ordered is shipped.
func keepPromises() {
	promised.Wait()
	log.Println("every promise kept")
}
