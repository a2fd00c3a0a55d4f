// Says on which kind of machine it is at home.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Printf("at home on %s/%s\n", runtime.GOOS, runtime.GOARCH)
}
