// A client begins to speak TLS, and somebody reads what it says first.
package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"runtime"
)

var names = map[tls.CurveID]string{
	4587: "SecP256r1MLKEM768", 4588: "X25519MLKEM768", 4589: "SecP384r1MLKEM1024",
	0x6399: "X25519Kyber768Draft00",
}

func main() {
	fmt.Println("compiled by", runtime.Version())
	post := 0
	for _, group := range offered() {
		name, new := names[group]
		if new {
			post++
		} else {
			name = group.String()
		}
		fmt.Println("offers", name)
	}
	fmt.Printf("post-quantum=%d\n", post)
	fmt.Printf("hello=%d bytes\n", size())
}

// call is a client that has been told nothing but a name: Go's own choice in all the rest.
func call() net.Conn {
	here, there := net.Pipe()
	go tls.Client(here, &tls.Config{ServerName: "shop.test"}).Handshake()
	return there
}

// size is what the client sends before it has heard a word: its ClientHello.
func size() int {
	record := make([]byte, 1<<16)
	n, _ := call().Read(record)
	return n
}

// offered are the ways of agreeing on a key that the client knows, the one it likes best first.
func offered() (groups []tls.CurveID) {
	heard := errors.New("heard enough")
	tls.Server(call(), &tls.Config{
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			groups = hello.SupportedCurves
			return nil, heard
		},
	}).Handshake()
	return groups
}
