// A shop that takes orders.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	asked, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer forget()
	http.HandleFunc("/", front)
	http.HandleFunc("/order", order)
	server := &http.Server{Addr: ":8080"}
	go func() {
		<-asked.Done()
		server.Shutdown(context.Background())
		keepPromises()
	}()
	log.Printf("shop: process %d", os.Getpid())
	log.Fatal(server.ListenAndServe())
}
