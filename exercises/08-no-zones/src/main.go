// Opening-hours tells an office's wall clock at an instant.
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"
)

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	http.HandleFunc("GET /clock", clock)
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// clock answers GET /clock?office=Asia/Kolkata&at=2025-07-15T12:00:00Z.
func clock(w http.ResponseWriter, r *http.Request) {
	at, err := time.Parse(time.RFC3339, r.FormValue("at"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	zone, err := time.LoadLocation(r.FormValue("office"))
	if err != nil {
		log.Println("clock:", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, at.In(zone).Format("15:04 MST"))
}
