// Says the number of a word: always the same for the same word.
package main

import (
	"fmt"

	"github.com/google/uuid"
)

func main() {
	fmt.Println("the number of caf\u00e9:", uuid.NewSHA1(uuid.NameSpaceURL, []byte("caf\u00e9")))
}
