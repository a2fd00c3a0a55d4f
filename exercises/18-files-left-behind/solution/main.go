// Shows today's menu.
package main

import (
	"html/template"
	"log"
	"net/http"
)

var dishes = []string{"leek soup", "dumplings"}

func main() {
	log.SetFlags(0)
	menu, err := template.ParseFiles("templates/menu.html")
	if err != nil {
		log.Fatal(err)
	}
	files := http.FileServer(http.Dir("static"))
	http.Handle("/static/", http.StripPrefix("/static/", files))
	http.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		if err := menu.Execute(w, dishes); err != nil {
			log.Println(err)
		}
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
