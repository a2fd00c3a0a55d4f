package main

import (
	"crypto/fips140"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
)

func main() {
	fmt.Println("FIPS 140-3 mode:", fips140.Enabled())
	fmt.Println("module:", fips140.Version())
	fmt.Printf("sha256 %x\n", sha256.Sum256([]byte("room")))
	fmt.Printf("md5 %x\n", md5.Sum([]byte("room")))
}
