// Takes three orders into a database in memory and adds them up. All that depends on the driver
// is in driver.go.
package main

import (
	"database/sql"
	"log"
)

func main() {
	log.SetFlags(0)
	db, err := sql.Open(driver, ":memory:")
	if err != nil {
		log.Fatal("open: ", err)
	}
	db.SetMaxOpenConns(1) // in memory, each connection has a database of its own
	if _, err := db.Exec(`CREATE TABLE orders (chairs INTEGER)`); err != nil {
		log.Fatal("create: ", err)
	}
	for _, chairs := range []int{4, 12, 50} {
		if _, err := db.Exec(`INSERT INTO orders VALUES (?)`, chairs); err != nil {
			log.Fatal("insert: ", err)
		}
	}
	var version string
	var chairs int
	row := db.QueryRow(`SELECT sqlite_version(), sum(chairs) FROM orders`)
	if err := row.Scan(&version, &chairs); err != nil {
		log.Fatal("select: ", err)
	}
	log.Printf("%d chairs ordered, says SQLite %s", chairs, version)
}
