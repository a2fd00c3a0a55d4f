// Plays a company's network for as long as one command takes: everything that
// speaks TLS goes through a proxy, which opens it and signs it anew with an
// authority of the company's own.
//
//	office -make FOLDER     writes the authority's certificate, and the proxy's
//	office FOLDER COMMAND … runs the command behind the proxy
//
// A real one would fetch what is asked for. This one answers by itself, so that
// the exercise needs no Internet: it has one small module, whatever it is asked.
package main

import (
	"bufio"
	"crypto/tls"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("office: ")
	if len(os.Args) < 3 {
		log.Fatal("usage: office -make FOLDER, or office FOLDER COMMAND …")
	}
	if os.Args[1] == "-make" {
		if err := makeCertificates(os.Args[2]); err != nil {
			log.Fatal(err)
		}
		return
	}
	certificate, err := tls.LoadX509KeyPair(os.Args[1]+"/proxy.pem", os.Args[1]+"/proxy.key")
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	proxy := &http.Server{Handler: intercept(&tls.Config{Certificates: []tls.Certificate{certificate}})}
	go func() { log.Fatal(proxy.Serve(listener)) }()
	os.Exit(run("http://"+listener.Addr().String(), os.Args[2:]))
}

// intercept takes a CONNECT, says that all is well, and then is the other end.
func intercept(config *tls.Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "TLS only", http.StatusMethodNotAllowed)
			return
		}
		raw, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer raw.Close()
		raw.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
		conn := tls.Server(raw, config)
		requests := bufio.NewReader(conn)
		for {
			request, err := http.ReadRequest(requests)
			if err != nil {
				return // among others: the client did not believe the certificate
			}
			if answer(request).Write(conn) != nil {
				return
			}
		}
	})
}

// run runs the command with this program as its way to the world, and returns
// its exit code.
func run(proxy string, words []string) int {
	command := exec.Command(words[0], words[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "https_proxy="+proxy)
	err := command.Run()
	if command.ProcessState == nil {
		log.Fatal(err)
	}
	return command.ProcessState.ExitCode()
}
