// A small shop whose page and style sheet lie beside the program, as files, at a place that it knows.
package main

import (
	"fmt"
	"html/template"
	"net/http"
	"os"
)

// Where the image keeps them, whatever directory the program is started in.
const files = "/srv"

func main() {
	where, _ := os.Getwd()
	fmt.Println("working directory:", where)
	show(files)

	page := template.Must(template.ParseGlob(files + "/templates/*"))
	style, err := os.ReadFile(files + "/web/style.css")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		page.Execute(w, 3)
	})
	http.HandleFunc("/style.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		w.Write(style)
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(":8080", nil))
	os.Exit(1)
}

// show lists a directory, as `ls` would if the image had one.
func show(directory string) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		fmt.Println(err)
	}
	for _, entry := range entries {
		switch entry.Name() {
		case "dev", "etc", "proc", "sys", ".dockerenv": // what the engine brings
		default:
			fmt.Println(" ", entry)
		}
	}
}
