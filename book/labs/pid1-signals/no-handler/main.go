// Takes orders, and has never heard of stopping.
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
	log.Printf("process %d is open for orders", os.Getpid())
	log.Fatal(http.ListenAndServe(":8080", nil))
}
