// The same with net/http: a whole web server, and a client as well.
package main

import (
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok"}`))
	})
	server := &http.Server{Addr: ":8080", ReadHeaderTimeout: 5 * time.Second}
	println(server.ListenAndServe().Error())
	os.Exit(1)
}
