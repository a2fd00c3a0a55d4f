package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, path string, up *upstream) (int, map[string]any) {
	t.Helper()
	quiet := slog.New(slog.NewJSONHandler(io.Discard, nil))
	rec := httptest.NewRecorder()
	routes(quiet, up).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	body := map[string]any{}
	if rec.Header().Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
			t.Fatalf("%s: %v in %q", path, err, rec.Body)
		}
	}
	return rec.Code, body
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		path   string
		status int
		key    string
	}{
		{"/healthz", 200, "version"},
		{"/time?zone=Europe/Berlin", 200, "abbreviation"},
		{"/time?zone=UTC", 200, "offset_seconds"},
		{"/time", 400, "hint"},
		{"/time?zone=../etc/passwd", 404, "error"},
		{"/time?zone=Mars/Olympus_Mons", 404, "error"},
		{"/room", 200, "uid"},
		{"/nowhere", 404, ""},
	} {
		status, body := get(t, c.path, newUpstream(""))
		if status != c.status {
			t.Errorf("%s: status %d, want %d (%v)", c.path, status, c.status, body)
		}
		if _, found := body[c.key]; c.key != "" && !found {
			t.Errorf("%s: no %q in %v", c.path, c.key, body)
		}
	}
}

func TestTimeKnowsSummerAndWinter(t *testing.T) {
	for when, want := range map[string]string{
		"2025-01-15T12:00:00Z": "2025-01-15T13:00:00+01:00",
		"2025-07-15T12:00:00Z": "2025-07-15T14:00:00+02:00",
	} {
		at, err := time.Parse(time.RFC3339, when)
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		zoneTime(func() time.Time { return at })(rec,
			httptest.NewRequest(http.MethodGet, "/time?zone=Europe/Berlin", nil))
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("at %s: %s, want %s", when, rec.Body, want)
		}
	}
}

func TestUpstreamOverTLS(t *testing.T) {
	other := httptest.NewTLSServer(http.NotFoundHandler())
	defer other.Close()

	// The test server's certificate is signed by nobody we know.
	status, body := get(t, "/upstream", newUpstream(other.URL))
	if text, _ := body["error"].(string); status != 502 || !strings.Contains(text, "unknown authority") {
		t.Errorf("stranger: %d %v", status, body)
	}

	known := newUpstream(other.URL)
	known.client = other.Client()
	if status, body := get(t, "/upstream", known); status != 200 || body["status"] != 404.0 {
		t.Errorf("acquaintance: %d %v", status, body)
	}
}

func TestStopsWhenAsked(t *testing.T) {
	t.Setenv("PORT", "0")
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := serve(ctx, slog.New(slog.NewJSONHandler(&out, nil))); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{`"msg":"listening"`, `"msg":"stopped"`} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %s in %s", line, out.String())
		}
	}
}
