package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

const (
	// bodyLimit is how much of an answer is passed on.
	bodyLimit = 4096
	// headLimit is how much a server may say before the body begins.
	headLimit = 64 << 10
	// pause lies between two tries to reach a program that is starting.
	pause = 25 * time.Millisecond
)

// get is the little of HTTP that asking one question takes. Importing net/http
// would bring TLS along and make this program four times as slow to compile.
//
// The request is HTTP/1.0: a server may then neither chunk its answer nor keep
// the connection, so the body is simply all that follows the empty line. (A
// server that chunks all the same is understood, too.)
func get(target, path string, timeout time.Duration) (status int, body string, err error) {
	deadline := time.Now().Add(timeout)
	conn, err := net.DialTimeout("tcp", target, timeout)
	if err != nil {
		return 0, "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return 0, "", err
	}
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: empty-room-prober\r\nAccept: */*\r\n\r\n", path, target)
	if err != nil {
		return 0, "", err
	}
	return readAnswer(conn)
}

// readAnswer reads a status line, the headers and the beginning of the body.
func readAnswer(r io.Reader) (status int, body string, err error) {
	// One limit over everything: a server that never stops sending is cut off.
	in := bufio.NewReader(io.LimitReader(r, headLimit+2*bodyLimit))
	first, err := in.ReadString('\n')
	if err != nil && (first == "" || strings.HasPrefix(first, "HTTP/")) {
		return 0, "", fmt.Errorf("no HTTP answer: %w", noEOF(err))
	}
	if err != nil {
		// What speaks something else need not end its lines: gRPC begins with a frame.
		return 0, "", fmt.Errorf("not an HTTP answer: %.80q", first)
	}
	if status, err = parseStatus(first); err != nil {
		return 0, "", err
	}
	chunked := false
	length := -1
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, "", fmt.Errorf("the answer's headers broke off: %w", noEOF(err))
		}
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		switch value = strings.TrimSpace(value); {
		case name == "" && value == "":
			content := io.Reader(in)
			if chunked {
				content = &chunks{in: in}
			} else if length >= 0 {
				content = io.LimitReader(in, int64(length))
			}
			raw, err := io.ReadAll(io.LimitReader(content, bodyLimit))
			// A body that breaks off is still worth showing.
			return status, strings.ToValidUTF8(string(raw), "\uFFFD"), err
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = strings.EqualFold(value, "chunked")
		case strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(value); err != nil || length < 0 {
				return 0, "", fmt.Errorf("bad Content-Length %q", value)
			}
		}
	}
}

// parseStatus reads `HTTP/1.1 200 OK`.
func parseStatus(line string) (int, error) {
	fields := strings.Fields(line)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/1.") {
		return 0, fmt.Errorf("not an HTTP answer: %.80q", line)
	}
	status, err := strconv.Atoi(fields[1])
	if err != nil || status < 100 || status > 999 {
		return 0, fmt.Errorf("not an HTTP status: %.80q", line)
	}
	return status, nil
}

// chunks undoes the chunked transfer coding.
type chunks struct {
	in   *bufio.Reader
	left int64
	over bool
}

func (c *chunks) Read(p []byte) (int, error) {
	for c.left == 0 {
		if c.over {
			return 0, io.EOF
		}
		line, err := c.in.ReadString('\n')
		if err != nil {
			return 0, noEOF(err)
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue // the line end after the previous chunk
		}
		size, _, _ := strings.Cut(line, ";")
		if c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64); err != nil || c.left < 0 {
			return 0, fmt.Errorf("bad chunk size %.20q", line)
		}
		c.over = c.left == 0
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, noEOF(err)
}

// noEOF turns the end of a stream that should have gone on into an error.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// awaitReady asks until something that looks like HTTP comes back.
func awaitReady(target, path string, deadline time.Duration) error {
	end := time.Now().Add(deadline)
	last := errors.New("no time to ask")
	for {
		left := time.Until(end)
		if left <= 0 {
			return last
		}
		if _, _, last = get(target, path, left); last == nil {
			return nil
		}
		time.Sleep(min(pause, time.Until(end)))
	}
}
