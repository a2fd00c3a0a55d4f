// Tidies a piece of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

const untidy = `{ "body":"return" ,  "name":"tidy" }`

func main() {
	var piece struct {
		Name string `json:"name"`
		Body string `json:"body"`
	}
	if err := json.Unmarshal([]byte(untidy), &piece); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	tidy, err := json.Marshal(piece)
	fmt.Println(string(tidy), err)
}
