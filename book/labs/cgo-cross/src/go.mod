module emptyroom/cgo-cross

go 1.23
