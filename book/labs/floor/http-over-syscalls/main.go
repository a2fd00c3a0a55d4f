// A web server without net, either: the kernel's own calls, one client at a
// time. Nobody should run this. It shows what is left when all is taken away.
package main

import (
	"os"
	"strings"
	"syscall"
)

func main() {
	port, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	check(err)
	check(syscall.SetsockoptInt(port, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	check(syscall.Bind(port, &syscall.SockaddrInet4{Port: 8080}))
	check(syscall.Listen(port, 16))
	request := make([]byte, 4096)
	for {
		conn, _, err := syscall.Accept(port)
		if err == syscall.EINTR {
			continue
		}
		check(err)
		// Headers in one piece, or not at all; a slow client is cut off.
		_ = syscall.SetsockoptTimeval(conn, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 2})
		if n, err := syscall.Read(conn, request); err == nil && n > 0 {
			status, body := answer(string(request[:n]))
			_, _ = syscall.Write(conn, []byte("HTTP/1.1 "+status+
				"\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n"+body))
		}
		_ = syscall.Shutdown(conn, syscall.SHUT_WR)
		_ = syscall.Close(conn)
	}
}

func answer(request string) (status, body string) {
	if strings.HasPrefix(request, "GET /healthz ") {
		return "200 OK", `{"status":"ok"}`
	}
	return "404 Not Found", `{"error":"no such page"}`
}

func check(err error) {
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
}
