// Takes orders and books none of them, and can tell why: it counts what it
// does, logs what it waits for, and shows its goroutines to whoever asks from
// inside the container.
package main

import (
	"expvar"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	_ "net/http/pprof" // registers /debug/pprof/, as expvar does /debug/vars
	"os"
)

const inside = "127.0.0.1:6060"

var received, booked = expvar.NewInt("received"), expvar.NewInt("booked")

// book enters orders into the ledger, each on a sheet of its own.
func book(orders <-chan int64, paper <-chan struct{}) {
	for order := range orders {
		slog.Warn("waiting for paper", "order", order)
		<-paper // one sheet
		booked.Add(1)
	}
}

func main() {
	question := flag.String("ask", "", "ask the running program for this path, as /debug/vars")
	flag.Parse()
	if *question != "" {
		ask(*question)
		return
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	orders, paper := make(chan int64, 100), make(chan struct{})
	go book(orders, paper)

	// What is registered by default is for insiders, so it has a port of its own,
	// which no published port and no other container can reach.
	go func() { log.Fatal(http.ListenAndServe(inside, nil)) }()

	public := http.NewServeMux()
	public.HandleFunc("/order", func(w http.ResponseWriter, _ *http.Request) {
		received.Add(1)
		orders <- received.Value()
		fmt.Fprintln(w, "thank you for your order")
	})
	public.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "received %d, booked %d\n", received.Value(), booked.Value())
	})
	log.Fatal(http.ListenAndServe(":8080", public))
}

func ask(path string) {
	resp, err := http.Get("http://" + inside + path)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(os.Stdout, resp.Body)
}
