module emptyroom/cgo-static

go 1.23
