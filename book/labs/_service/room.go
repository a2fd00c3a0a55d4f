package main

import (
	"crypto/x509"
	"net/http"
	"os"
	"os/user"
	"strconv"
)

// room answers GET /room: what is there beside the program? A container
// without a shell cannot be looked around in, so the program looks itself.
func room(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{
		"version":   version,
		"pid":       os.Getpid(),
		"uid":       os.Getuid(),
		"user":      userName(),
		"shell":     exists("/bin/sh"),
		"tmp":       exists(os.TempDir()),
		"time_zone": hasZones(),
		"ca_roots":  hasRoots(),
	})
}

// userName is what /etc/passwd calls us, or "" where it does not.
func userName() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.Username
}

// hasRoots reports whether there is a single certificate authority to trust.
func hasRoots() bool {
	pool, err := x509.SystemCertPool()
	return err == nil && !pool.Equal(x509.NewCertPool())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
