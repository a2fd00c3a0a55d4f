package main

import _ "github.com/mattn/go-sqlite3" // SQLite itself, in C, with a layer of Go around it

const driver = "sqlite3"
