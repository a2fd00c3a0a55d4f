// Upstream is the other side of the x509 lab: a TLS server whose certificate
// is signed by an authority that nobody has heard of.
//
//	upstream -make-certificates DIR   at image build: writes ca.pem, server.pem, server.key
//	upstream                          at run: serves TLS on :8443
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

const name = "upstream.test"

func main() {
	dir := flag.String("make-certificates", "", "write a fresh authority's certificates here and exit")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "upstream:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if dir != "" {
		return makeCertificates(dir)
	}
	listener, err := net.Listen("tcp", ":8443")
	if err != nil {
		return err
	}
	server := &http.Server{
		ReadTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(w, "hello over TLS")
		}),
	}
	// The port accepts already; what comes now waits in its queue.
	fmt.Println("ready: TLS on :8443 for", name)
	return server.ServeTLS(listener, "/server.pem", "/server.key")
}
