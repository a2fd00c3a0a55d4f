// Serve-files serves a file, and says as what.
package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"emptyroom/matrix/room"
)

// answer keeps the headers of an answer that nobody waits for.
type answer struct{ header http.Header }

func (a answer) Header() http.Header             { return a.header }
func (a answer) Write(bytes []byte) (int, error) { return len(bytes), nil }
func (a answer) WriteHeader(int)                 {}

func main() {
	room.Enter("serve-files")
	request, err := http.NewRequest("GET", "/app.webmanifest", nil)
	if err != nil {
		room.Say("served", err)
		return
	}
	kept := answer{http.Header{}}
	content := strings.NewReader(`{"name":"matrix"}`)
	http.ServeContent(kept, request, "app.webmanifest", time.Time{}, content)
	fmt.Println("served:", kept.header.Get("Content-Type"))
	room.Stay()
}
