//go:build !nometrics

package main

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics on a port of their own. Whoever builds with -tags nometrics gets a
// program without this file, and without anything that only it imports.
func init() {
	go func() {
		err := http.ListenAndServe(":9090", promhttp.Handler())
		slog.Error("no metrics", "error", err)
	}()
}
