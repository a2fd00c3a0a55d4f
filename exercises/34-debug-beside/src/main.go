// A parcel service. It accepts everything and delivers nothing.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"sync/atomic"
)

var accepted, delivered atomic.Int64

// deliver takes parcels round, as soon as the van is back.
func deliver(parcels <-chan int64, van <-chan struct{}) {
	for parcel := range parcels {
		<-van
		delivered.Add(1)
		log.Println("delivered parcel", parcel)
	}
}

func main() {
	parcels, van := make(chan int64, 100), make(chan struct{})
	go deliver(parcels, van)

	http.HandleFunc("/send", func(w http.ResponseWriter, _ *http.Request) {
		parcels <- accepted.Add(1)
		fmt.Fprintln(w, "it is on its way")
	})
	http.HandleFunc("/whoami", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "uid", os.Getuid()) })
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "accepted %d, delivered %d\n", accepted.Load(), delivered.Load())
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
