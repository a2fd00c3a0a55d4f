package main

import _ "modernc.org/sqlite" // SQLite translated from C to Go, by a program

const driver = "sqlite3"
