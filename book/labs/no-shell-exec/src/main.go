// Takes orders and books none of them. It is up to you to find out why.
package main

import (
	"fmt"
	"log"
	"net/http"
	"sync/atomic"
)

var received, booked atomic.Int64

// book enters orders into the ledger, each on a sheet of its own.
func book(orders <-chan int64, paper <-chan struct{}) {
	for order := range orders {
		<-paper // one sheet
		booked.Add(1)
		log.Println("booked order", order)
	}
}

func main() {
	orders, paper := make(chan int64, 100), make(chan struct{})
	go book(orders, paper)

	http.HandleFunc("/order", func(w http.ResponseWriter, _ *http.Request) {
		orders <- received.Add(1)
		fmt.Fprintln(w, "thank you for your order")
	})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "received %d, booked %d\n", received.Load(), booked.Load())
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
