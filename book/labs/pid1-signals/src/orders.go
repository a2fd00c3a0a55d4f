package main

import (
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"
)

// promised counts what was answered but is not done yet.
var promised sync.WaitGroup

func front(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "open for orders")
}

// order answers at once and ships two seconds later, as queues, e-mails and
// write-behind caches do in earnest.
func order(w http.ResponseWriter, _ *http.Request) {
	promised.Add(1)
	go func() {
		defer promised.Done()
		log.Println("card charged")
		time.Sleep(2 * time.Second)
		log.Println("goods shipped")
	}()
	fmt.Fprintln(w, "thank you for your order")
}
