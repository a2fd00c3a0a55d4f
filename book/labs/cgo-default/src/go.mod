module emptyroom/cgo-default

go 1.23
