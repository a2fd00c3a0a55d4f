// Says which kind of machine it was built for.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Printf("the program runs: built for %s/%s\n", runtime.GOOS, runtime.GOARCH)
}
