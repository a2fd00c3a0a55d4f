// The shop, as far as it matters here.
package main

import (
	"fmt"
	"runtime"
)

func main() { fmt.Println("open, on", runtime.GOARCH) }
