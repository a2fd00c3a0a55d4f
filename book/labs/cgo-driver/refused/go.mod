module emptyroom/cgo-driver

go 1.23

require github.com/bvinc/go-sqlite-lite v0.6.1
