// A shop that takes orders.
package main

import (
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		log.Println("good-bye")
		os.Exit(0)
	}()
	http.HandleFunc("/", front)
	http.HandleFunc("/order", order)
	log.Printf("shop: process %d", os.Getpid())
	log.Fatal(http.ListenAndServe(":8080", nil))
}
