package main

import (
	"cmp"
	"context"
	"net/http"
	"time"
)

// upstream is the one service that we depend on, called over HTTPS.
type upstream struct {
	url    string
	client *http.Client
}

func newUpstream(url string) *upstream {
	return &upstream{
		url: cmp.Or(url, "https://example.com/"),
		// http.DefaultClient waits for ever.
		client: &http.Client{Timeout: 5 * time.Second},
	}
}

// ask answers GET /upstream with what the other side said, or why it could
// not be asked. The error's text tells a missing network from a missing
// certificate authority; read it before you reach for a fix.
func (u *upstream) ask(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 4*time.Second)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url, nil)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure{Error: err.Error(), Hint: "look at UPSTREAM_URL"})
		return
	}
	resp, err := u.client.Do(req)
	if err != nil {
		reply(w, http.StatusBadGateway, failure{Error: err.Error()})
		return
	}
	defer resp.Body.Close()
	reply(w, http.StatusOK, map[string]any{"url": u.url, "status": resp.StatusCode})
}
