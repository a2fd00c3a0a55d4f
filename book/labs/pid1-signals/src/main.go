// Takes orders, and keeps its promises when it is asked to stop.
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
	asked, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer forget()

	http.HandleFunc("/", front)
	http.HandleFunc("/order", order)
	server := &http.Server{Addr: ":8080"}
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	log.Printf("process %d is open for orders", os.Getpid())

	<-asked.Done()
	forget() // whoever asks twice gets the default: an end at once
	log.Println("asked to stop: no new orders")

	// Less than the engine's ten seconds, or the last word is SIGKILL's.
	patience, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		log.Println("requests were cut off:", err)
	}

	// Shutdown waits for requests; of these it cannot know.
	kept := make(chan struct{})
	go func() {
		promised.Wait()
		close(kept)
	}()
	select {
	case <-kept:
		log.Println("every promise kept")
	case <-patience.Done():
		log.Fatal("out of time: a promise was broken")
	}
}
