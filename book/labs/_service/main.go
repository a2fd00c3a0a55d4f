// The service that every stage of the journey ships: small, but with the
// habits of a real one. It speaks HTTP, calls out over TLS, knows time zones,
// logs JSON and stops when it is asked to.
package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set at build time: -ldflags "-X main.version=1.4.0".
var version = "dev"

// grace is how long requests under way may take once we are told to stop.
// Docker waits 10 seconds before it kills; stay well below.
const grace = 5 * time.Second

func main() {
	// stdout is the only log file a container needs.
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))

	// SIGTERM is what `docker stop` sends to process 1, which is us: in an
	// empty container there is no init and no shell to stand in between.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	if err := serve(ctx, log); err != nil {
		log.Error("gave up", "error", err)
		os.Exit(1)
	}
}

// serve listens until ctx is done, then lets the requests under way finish.
func serve(ctx context.Context, log *slog.Logger) error {
	listener, err := net.Listen("tcp", ":"+cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           routes(log, newUpstream(os.Getenv("UPSTREAM_URL"))),
		ReadHeaderTimeout: 2 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       30 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.Info("listening", "addr", listener.Addr().String(), "version", version, "pid", os.Getpid())

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}

	log.Info("stopping", "why", "asked to", "grace", grace.String())
	last, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return err
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	log.Info("stopped")
	return nil
}
