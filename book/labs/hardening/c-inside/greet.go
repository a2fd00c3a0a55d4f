package main

/*
#include <string.h>

// A buffer on the stack: what -fstack-protector-strong looks for.
static int longest(const char *name) {
	char copy[64];
	strncpy(copy, name, sizeof copy - 1);
	copy[63] = 0;
	return (int)strlen(copy);
}
*/
import "C"

import "log/slog"

func init() {
	slog.Debug("C is here", "length", int(C.longest(C.CString("room"))))
}
