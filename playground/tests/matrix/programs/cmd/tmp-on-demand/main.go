// Tmp-on-demand keeps its files in /data, and temporary ones for those who upload.
package main

import (
	"io"
	"net/http"
	"os"

	"emptyroom/matrix/room"
)

func upload(answer http.ResponseWriter, request *http.Request) {
	file, err := os.CreateTemp("", "upload-")
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	defer file.Close()
	_, _ = io.Copy(file, request.Body)
}

func main() {
	room.Enter("tmp-on-demand")
	http.HandleFunc("/upload", upload)
	if file, err := os.CreateTemp("/data", "state-"); err == nil {
		file.Close()
	}
	go http.ListenAndServe("127.0.0.1:8080", nil)
	room.Stay()
}
