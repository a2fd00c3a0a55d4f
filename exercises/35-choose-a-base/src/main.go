// A concierge: knows the hour abroad, whom to trust, its own name, and where to put a parcel.
package main

import (
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/user"
	"time"
)

func main() {
	http.HandleFunc("/up", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "at the desk") })
	answer("/hour", func() (string, error) {
		zone, err := time.LoadLocation("Asia/Tokyo")
		if err != nil {
			return "", err
		}
		return time.Date(2026, time.July, 1, 3, 0, 0, 0, time.UTC).In(zone).Format("15:04 MST"), nil
	})
	answer("/trust", func() (string, error) {
		pool, err := x509.SystemCertPool()
		if err == nil && pool.Equal(x509.NewCertPool()) {
			err = fmt.Errorf("nobody to trust")
		}
		return "some authorities", err
	})
	answer("/name", func() (string, error) {
		who, err := user.Current()
		if err != nil {
			return "", err
		}
		if _, err := user.Lookup(who.Username); err != nil {
			return "", err
		}
		return fmt.Sprintf("%s, number %d", who.Username, os.Getuid()), nil
	})
	answer("/parcel", func() (string, error) {
		file, err := os.CreateTemp("", "parcel-")
		if err != nil {
			return "", err
		}
		defer os.Remove(file.Name())
		return "put aside", file.Close()
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func answer(path string, ask func() (string, error)) {
	http.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		text, err := ask()
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, text)
	})
}
