// A shop that takes orders.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	asked, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer forget()
	http.HandleFunc("/", front)
	http.HandleFunc("/order", order)
	server := &http.Server{Addr: ":8080"}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	log.Printf("shop: process %d", os.Getpid())

	<-asked.Done()
	patience, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		log.Println("requests were cut off:", err)
	}
	keepPromises()
}
