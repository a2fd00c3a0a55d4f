// Package orders is a library: the command in cmd/server uses it.
package orders

// Database is where the orders lie.
const Database = "upstream.test:postgresql"
