// A web server without net/http: as much of the protocol as a health check
// needs. No TLS, no HTTP/2, no keep-alive, no large requests.
package main

import (
	"bufio"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			println(err.Error())
			os.Exit(1)
		}
		go serve(conn)
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	// Whoever says nothing, or does not stop, is cut off.
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	request := bufio.NewReaderSize(conn, 4096)
	first, err := request.ReadSlice('\n')
	if err != nil {
		return
	}
	status, body := answer(string(first))
	for { // the headers, up to the empty line
		line, err := request.ReadSlice('\n')
		if err != nil {
			return
		}
		if len(strings.TrimSpace(string(line))) == 0 {
			break
		}
	}
	_, _ = conn.Write([]byte("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n" + body))
}

func answer(request string) (status, body string) {
	if strings.HasPrefix(request, "GET /healthz ") {
		return "200 OK", `{"status":"ok"}`
	}
	return "404 Not Found", `{"error":"no such page"}`
}
