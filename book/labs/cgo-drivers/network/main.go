// Knocks at two databases that are not there. A driver that gets as far as
// "connection refused" has all the code it needs.
package main

import (
	"database/sql"
	"fmt"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq"
)

func main() {
	for _, knock := range [][2]string{
		{"postgres", "postgres://guest@127.0.0.1:5432/rooms?sslmode=disable"},
		{"mysql", "tcp(127.0.0.1:3306)/rooms"},
	} {
		db, err := sql.Open(knock[0], knock[1])
		if err == nil {
			err = db.Ping()
		}
		fmt.Printf("%s: %v\n", knock[0], err)
	}
}
