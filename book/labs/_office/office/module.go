package main

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
)

const (
	path    = "shop.example/price"
	version = "v1.4.0"
)

var files = map[string]string{
	"go.mod": "module " + path + "\n\ngo 1.23\n",
	"price.go": `// Package price is a small module that the lab's proxy has.
package price

// Of is what a thing costs, in cents.
func Of(thing string) int { return 100 * len(thing) }
`,
}

// answer is what the server of modules says: https://go.dev/ref/mod#goproxy-protocol
func answer(r *http.Request) *http.Response {
	status, body := http.StatusOK, []byte(nil)
	switch strings.TrimPrefix(r.URL.Path, "/"+path+"/@v/"+version) {
	case ".info":
		body = []byte(`{"Version":"` + version + `"}`)
	case ".mod":
		body = []byte(files["go.mod"])
	case ".zip":
		body = zipped()
	default:
		status, body = http.StatusNotFound, []byte("not found")
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

func zipped() []byte {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, text := range files {
		file, err := archive.Create(path + "@" + version + "/" + name)
		if err == nil {
			_, err = file.Write([]byte(text))
		}
		if err != nil {
			return nil
		}
	}
	archive.Close()
	return out.Bytes()
}
