// Serves five files, says what they are, and asks itself.
package main

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

var files = []struct{ name, content string }{
	{"style.css", "h1 { font-family: sans-serif }\n"},
	{"app.webmanifest", `{"name": "Shop", "start_url": "/"}` + "\n"},
	{"opening.ics", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n"},
	{"orders.xlsx", "PK\x03\x04\x14\x00\x06\x00"}, // a spreadsheet is a zip file
	{"terms.md", "# Terms\n"},
}

// What this program serves and Go's own table does not know in every version.
var types = map[string]string{
	".ics":         "text/calendar; charset=utf-8",
	".md":          "text/markdown; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".xlsx":        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func main() {
	for extension, kind := range types {
		if err := mime.AddExtensionType(extension, kind); err != nil {
			fail(err)
		}
	}
	for _, file := range files {
		http.HandleFunc("/"+file.name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, file.name, time.Time{}, strings.NewReader(file.content))
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	go http.Serve(listener, nil)
	for _, file := range files {
		answer, err := http.Get("http://" + listener.Addr().String() + "/" + file.name)
		if err != nil {
			fail(err)
		}
		answer.Body.Close()
		fmt.Printf("%s: %s\n", file.name, answer.Header.Get("Content-Type"))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
