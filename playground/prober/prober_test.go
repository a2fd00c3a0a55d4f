package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// say listens on the loopback and gives every caller the same raw answer.
func say(t *testing.T, raw string) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1024))
			_, _ = conn.Write([]byte(raw))
			conn.Close()
		}
	}()
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port
}

func TestReadsAnswers(t *testing.T) {
	long := strings.Repeat("x", 3*bodyLimit)
	for name, c := range map[string]struct {
		raw    string
		status int
		body   string
		fails  bool
	}{
		"to the end":     {raw: "HTTP/1.0 200 OK\r\n\r\nhello", status: 200, body: "hello"},
		"no reason":      {raw: "HTTP/1.1 503\r\n\r\n", status: 503},
		"with length":    {raw: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhijk", status: 200, body: "hi"},
		"chunked":        {raw: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", status: 200, body: "abcde"},
		"cut chunk":      {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc", status: 200, body: "abc", fails: true},
		"bad chunk":      {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc", status: 200, fails: true},
		"bare newlines":  {raw: "HTTP/1.1 204 No Content\nX: y\n\n", status: 204},
		"too long":       {raw: "HTTP/1.1 200 OK\r\n\r\n" + long, status: 200, body: long[:bodyLimit]},
		"not UTF-8":      {raw: "HTTP/1.1 200 OK\r\n\r\na\xffb", status: 200, body: "a\uFFFDb"},
		"nothing":        {raw: "", fails: true},
		"another tongue": {raw: "220 mail ready\r\n", fails: true},
		"broken headers": {raw: "HTTP/1.1 200 OK\r\nX: y", fails: true},
		"endless header": {raw: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 2*headLimit), fails: true},
		"bad length":     {raw: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", fails: true},
	} {
		status, body, err := readAnswer(strings.NewReader(c.raw))
		if status != c.status || body != c.body || (err != nil) != c.fails {
			t.Errorf("%s: %d %.60q %v", name, status, body, err)
		}
		if !utf8.ValidString(body) {
			t.Errorf("%s: not UTF-8", name)
		}
	}
}

func TestAsksInOrder(t *testing.T) {
	port := say(t, "HTTP/1.0 404 Not Found\r\n\r\n<none>")
	var stdout, stderr bytes.Buffer
	code := run([]string{"-port", port, `[{"id":"b","get":"/b"},{"id":"a","get":"/a?x=1"}]`}, &stdout, &stderr)
	if code != exitAsked {
		t.Fatalf("exit %d: %s", code, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], `{"ready_ms":`) {
		t.Fatalf("lines: %q", lines)
	}
	for i, id := range []string{"b", "a"} {
		var a answer
		if err := json.Unmarshal([]byte(lines[i+1]), &a); err != nil {
			t.Fatal(err)
		}
		if a.ID != id || a.Status != 404 || a.Body != "<none>" || a.Error != "" {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
}

func TestWaitsForASlowStart(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	go func() {
		time.Sleep(150 * time.Millisecond)
		late, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			return
		}
		defer late.Close()
		for range 2 {
			conn, err := late.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, "HTTP/1.0 200 OK\r\n\r\n")
			conn.(*net.TCPConn).CloseWrite()
		}
	}()
	var stdout, stderr bytes.Buffer
	if code := run([]string{"-port", port, "-deadline", "5s", `[{"id":"a","get":"/"}]`}, &stdout, &stderr); code != exitAsked {
		t.Errorf("exit %d: %s", code, &stderr)
	}
}

func TestGivesUp(t *testing.T) {
	silent := say(t, "")
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"never ready":  {[]string{"-port", silent, "-deadline", "80ms", `[{"id":"a","get":"/"}]`}, exitNotReady},
		"no questions": {[]string{`[]`}, exitMisused},
		"not JSON":     {[]string{`health`}, exitMisused},
		"no argument":  {nil, exitMisused},
		"smuggling":    {[]string{`[{"id":"a","get":"/ HTTP/1.1\r\nX: y"}]`}, exitMisused},
		"not a path":   {[]string{`[{"id":"a","get":"http://elsewhere/"}]`}, exitMisused},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(c.args, &stdout, &stderr); code != c.code || stdout.Len() != 0 {
			t.Errorf("%s: exit %d, said %q", name, code, &stdout)
		}
		if stderr.Len() == 0 {
			t.Errorf("%s: gave no reason", name)
		}
	}
}

func TestPortsAreReadFromTheKernelsTables(t *testing.T) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
	four := head +
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n" +
		"   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n" +
		"   2: 0100007F:8AE2 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000\n" +
		"broken\n"
	six := head +
		"   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0\n" +
		"   1: 00000000000000000000000001000000:2329 00000000000000000000000000000000:0000 0A 0:0\n" +
		"   2: 0000000000000000FFFF00000100007F:232A 00000000000000000000000000000000:0000 0A 0:0\n"
	got := merged(append(sockets(four, "tcp", "0A"), sockets(six, "tcp", "0A")...))
	want := []port{
		{80, "tcp", false}, {8080, "tcp", false}, {9001, "tcp", true}, {9002, "tcp", true},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPortsAreWaitedForUntilTheyStayTheSame(t *testing.T) {
	looks := 0
	look := func() ([]port, error) {
		looks++
		switch {
		case looks < 3:
			return nil, nil
		case looks < 6:
			return []port{{9090, "tcp", false}}, nil
		}
		return []port{{8080, "tcp", false}, {9090, "tcp", false}}, nil
	}
	ports, err := awaitPorts(look, 5*time.Second)
	if err != nil || len(ports) != 2 {
		t.Errorf("got %v, %v", ports, err)
	}
	nobody := func() ([]port, error) { return nil, nil }
	if _, err := awaitPorts(nobody, 50*time.Millisecond); err == nil {
		t.Error("nobody listens, and that is no error")
	}
}
