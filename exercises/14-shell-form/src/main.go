// Listens where its flag says, and says where that is.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", "localhost:9090", "where to listen, such as :8080")
	flag.Parse()
	log.Printf("called with %q", os.Args)
	if flag.NArg() > 0 {
		log.Fatalf("not meant for me: %q", flag.Args())
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "told to listen on %s\n", *listen)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}
