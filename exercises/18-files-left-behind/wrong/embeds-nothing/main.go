// Shows today's menu.
package main

import (
	"embed"
	"html/template"
	"log"
	"net/http"
)

//go:embed templates static
var desk embed.FS

var dishes = []string{"leek soup", "dumplings"}

func main() {
	log.SetFlags(0)
	menu, err := template.ParseFS(desk, "templates/menu.html")
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/static/", http.FileServerFS(desk))
	http.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		if err := menu.Execute(w, dishes); err != nil {
			log.Println(err)
		}
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
