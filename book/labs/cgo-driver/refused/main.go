// The same with a driver that has an interface of its own.
package main

import (
	"fmt"
	"os"

	"github.com/bvinc/go-sqlite-lite/sqlite3"
)

func main() {
	db, err := sqlite3.Open(":memory:")
	if err != nil {
		fail("open", err)
	}
	defer db.Close()
	err = db.Exec(`CREATE TABLE room (name TEXT, mb REAL);
		INSERT INTO room VALUES ('golang', 846), ('alpine', 7.8), ('scratch', 0)`)
	if err != nil {
		fail("create", err)
	}
	smallest, err := db.Prepare(`SELECT sqlite_version(), name FROM room ORDER BY mb`)
	if err != nil {
		fail("select", err)
	}
	defer smallest.Close()
	var version, name string
	if _, err = smallest.Step(); err == nil {
		err = smallest.Scan(&version, &name)
	}
	if err != nil {
		fail("select", err)
	}
	fmt.Printf("SQLite %s: the smallest room is %s\n", version, name)
}

func fail(doing string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", doing, err)
	os.Exit(1)
}
