package main

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics on a port of their own. The library writes them as text or as
// protobuf; this program never asks for protobuf, and has it all the same.
func init() {
	go func() {
		err := http.ListenAndServe(":9090", promhttp.Handler())
		slog.Error("no metrics", "error", err)
	}()
}
