// Sqlite opens a database through a driver that is C, with a layer of Go around it.
package main

import (
	"database/sql"

	"emptyroom/matrix/room"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	room.Enter("sqlite")
	room.Say("sqlite", open())
	room.Stay()
}

func open() error {
	database, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return err
	}
	return database.Ping()
}
