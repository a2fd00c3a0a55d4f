module emptyroom/cgo-drivers

go 1.23

require github.com/mattn/go-sqlite3 v1.6.0
