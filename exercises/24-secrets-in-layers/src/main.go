// Prints letterheads, for those who have paid.
//
//	letterhead activate   reads LICENCE_TOKEN, or .env in the current folder, and writes licence.txt there
//	letterhead            serves on :8080, with the licence.txt beside the program
//
// The token opens the customer's account. The licence is a number made from it, which opens nothing.
package main

import (
	"crypto/sha256"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// What the number of a paid licence begins with.
const paid = "8a997282"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "activate" {
		if err := activate(); err != nil {
			log.Fatal("activate: ", err)
		}
		return
	}
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	licence, err := os.ReadFile(filepath.Join(filepath.Dir(program), "licence.txt"))
	if err != nil {
		log.Fatal("no licence: ", err)
	}
	number := strings.TrimSpace(string(licence))
	if !strings.HasPrefix(number, paid) {
		log.Fatal("this licence was not made from our token: ", number)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "licensed to Empty Room, number", number)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func activate() error {
	token := os.Getenv("LICENCE_TOKEN")
	if token == "" {
		text, err := os.ReadFile(".env")
		if err != nil {
			return err
		}
		token = strings.TrimPrefix(strings.TrimSpace(string(text)), "LICENCE_TOKEN=")
	}
	number := fmt.Sprintf("%x\n", sha256.Sum256([]byte("letterhead:"+token)))
	return os.WriteFile("licence.txt", []byte(number), 0o644)
}
