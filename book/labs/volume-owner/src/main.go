// Keeps orders in an SQLite database on a volume. The driver is pure Go.
package main

import (
	"database/sql"
	"fmt"
	"os"
	"syscall"

	_ "modernc.org/sqlite"
)

func main() {
	fmt.Printf("uid %d, gid %d\n", os.Getuid(), os.Getgid())
	show("/data")
	show("/data/orders.db")

	db, err := sql.Open("sqlite", "/data/orders.db")
	if err != nil {
		fail("open", err)
	}
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS orders (what TEXT);
		INSERT INTO orders VALUES ('tea')`)
	if err != nil {
		fail("store", err)
	}
	var orders int
	if err := db.QueryRow(`SELECT count(*) FROM orders`).Scan(&orders); err != nil {
		fail("count", err)
	}
	fmt.Println("orders:", orders)
}

// show tells who may do what with a path.
func show(path string) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	owner := info.Sys().(*syscall.Stat_t)
	fmt.Printf("%s %d:%d %s\n", info.Mode(), owner.Uid, owner.Gid, path)
}

func fail(doing string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", doing, err)
	os.Exit(1)
}
