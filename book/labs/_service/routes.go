package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

// routes wires paths to handlers on a router of our own: the global one in
// net/http is open to every package that the build happens to link.
func routes(log *slog.Logger, up *upstream) http.Handler {
	r := chi.NewRouter()
	r.Use(logged(log))
	r.Get("/healthz", health)
	r.Get("/time", zoneTime(time.Now))
	r.Get("/upstream", up.ask)
	r.Get("/room", room)
	return r
}

// health says that the process is up. It asks nobody else: a check that
// depends on others restarts us for their faults.
func health(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]string{"status": "ok", "version": version})
}

// failure is the body of every answer that is not a success.
type failure struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The status is sent; if the client has gone there is no one to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// logged writes one line per request.
func logged(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begin := time.Now()
			seen := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
			next.ServeHTTP(seen, r)
			log.Info("request", "method", r.Method, "path", r.URL.Path,
				"status", seen.status, "ms", time.Since(begin).Milliseconds())
		})
	}
}

// statusRecorder remembers the status that a handler sent.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
