// An exchange office. Its rates are the house's secret until they are published, so their file has mode 0600.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

const file = "/etc/exchange/rates.txt"

func main() {
	rates, err := read()
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/rate", func(w http.ResponseWriter, r *http.Request) {
		rate, known := rates[r.URL.Query().Get("of")]
		if !known {
			http.Error(w, "no such currency", http.StatusNotFound)
			return
		}
		fmt.Fprintln(w, "one euro is", rate)
	})
	http.HandleFunc("/whoami", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "uid", os.Getuid())
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func read() (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rates := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, rate, ok := strings.Cut(lines.Text(), " "); ok {
			rates[name] = rate
		}
	}
	return rates, nil
}
