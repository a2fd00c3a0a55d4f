// A service that is well. With -health it is a health check instead, for the
// copy of itself that runs in the same container.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	check := flag.Bool("health", false, "ask the running service how it is, and exit with 0 or 1")
	flag.Parse()
	if *check {
		if err := ask("http://127.0.0.1:8080/healthz"); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "I am well")
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func ask(url string) error {
	client := http.Client{Timeout: time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	fmt.Println(url, "says", resp.Status)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("want 200")
	}
	return nil
}
