package main

/*
// Of 2009; the constants are the manufacturer's.
static __thread unsigned state;

static unsigned power(unsigned turbine) {
	state = turbine * 2654435761u;
	for (int i = 0; i < 1000; i++) {
		state = state * 1664525u + 1013904223u;
	}
	return 900 + (state >> 24);
}
*/
import "C"

// power asks the manufacturer's code what a turbine gives at the moment, in kW.
func power(turbine int) int {
	return int(C.power(C.uint(turbine)))
}
