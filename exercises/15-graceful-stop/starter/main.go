// A shop that takes orders.
package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	log.SetFlags(0)
	http.HandleFunc("/", front)
	http.HandleFunc("/order", order)
	log.Printf("shop: process %d", os.Getpid())
	log.Fatal(http.ListenAndServe(":8080", nil))
}
