// Keeps three rooms in a database in memory and asks for the smallest. All that
// depends on the driver is in driver.go.
package main

import (
	"database/sql"
	"fmt"
	"os"
)

func main() {
	db, err := sql.Open(driver, ":memory:")
	if err != nil {
		fail("open", err) // a misspelt name of a driver ends here, a missing C compiler does not
	}
	db.SetMaxOpenConns(1) // in memory, every connection would be a database of its own
	_, err = db.Exec(`CREATE TABLE room (name TEXT, mb REAL);
		INSERT INTO room VALUES ('golang', 846), ('alpine', 7.8), ('scratch', 0)`)
	if err != nil {
		fail("create", err)
	}
	var version, name string
	err = db.QueryRow(`SELECT sqlite_version(), name FROM room ORDER BY mb`).Scan(&version, &name)
	if err != nil {
		fail("select", err)
	}
	fmt.Printf("SQLite %s through %s: the smallest room is %s\n", version, module, name)
}

func fail(doing string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", doing, err)
	os.Exit(1)
}
