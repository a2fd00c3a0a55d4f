package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
)

func main() {
	text, err := json.Marshal(zip.FileHeader{Name: "one"})
	fmt.Println(string(text), err)
}
