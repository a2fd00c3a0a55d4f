//go:build tools

// Never compiled. It only keeps `go mod tidy` from removing the tool.
package main

import _ "example.com/stamp"
