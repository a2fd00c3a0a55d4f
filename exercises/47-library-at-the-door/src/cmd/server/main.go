// The server, which is a program: its package is called main. Says what the database says.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"time"

	"example.com/orders"
)

func main() {
	log.SetFlags(0)
	conn, err := net.DialTimeout("tcp", orders.Database, 5*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	greeting, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print("the database says: ", greeting)
}
