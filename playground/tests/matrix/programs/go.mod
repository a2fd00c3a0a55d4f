module emptyroom/matrix

go 1.23.0

require (
	github.com/mattn/go-sqlite3 v1.14.30
	golang.org/x/crypto/x509roots/fallback v0.0.0-20250406160420-959f8f3db0fb
)
