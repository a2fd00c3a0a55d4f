// Package price is a library that its makers have moved to a newer Go.
package price

// Of is what a thing costs, in cents.
func Of(thing string) int { return 100 * len(thing) }
