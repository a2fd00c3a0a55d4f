// Prober puts HTTP questions to a program in the same network namespace.
//
// It runs as a container that joins the network of the one under test, so that
// a container without any network can still be asked on its loopback:
//
//	prober -port 8080 -deadline 20s '[{"id":"health","get":"/healthz"}]'
//
// With -find it looks itself where the program listens, says so in a line for
// each port, and puts its questions to all TCP ports.
//
// Its output is JSON, one object a line: first {"ready_ms":N}, then an answer
// for each question, in order. It exits with 0 when every question was put
// (whatever the answers), 3 when the program never became ready, and 2 when it
// was called wrongly.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	exitAsked    = 0
	exitMisused  = 2
	exitNotReady = 3
)

// question is one GET to put.
type question struct {
	ID  string `json:"id"`
	Get string `json:"get"`
}

// answer is what came of a question: a status, or an error and no status.
type answer struct {
	ID     string `json:"id"`
	Status int    `json:"status,omitempty"`
	Body   string `json:"body"`
	Ms     int64  `json:"ms"`
	Error  string `json:"error,omitempty"`
	// Port is whose answer it is, where the ports were found.
	Port int `json:"port,omitempty"`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("prober", flag.ContinueOnError)
	flags.SetOutput(stderr)
	port := flags.Int("port", 8080, "TCP port on the loopback address")
	deadline := flags.Duration("deadline", 20*time.Second, "how long to wait for the first answer")
	find := flags.Bool("find", false, "find the ports instead of asking one")
	timeout := flags.Duration("timeout", 5*time.Second, "how long to wait for each further answer")
	if err := flags.Parse(args); err != nil {
		return exitMisused
	}
	questions, err := parse(flags.Args())
	if err != nil {
		fmt.Fprintln(stderr, "prober:", err)
		return exitMisused
	}

	lines := json.NewEncoder(stdout)
	lines.SetEscapeHTML(false)
	if *find {
		return findAndAsk(questions, *deadline, *timeout, lines, stderr)
	}
	target := fmt.Sprintf("127.0.0.1:%d", *port)

	begin := time.Now()
	if err := awaitReady(target, questions[0].Get, *deadline); err != nil {
		fmt.Fprintf(stderr, "prober: not ready after %v: %v\n", *deadline, err)
		return exitNotReady
	}
	_ = lines.Encode(map[string]int64{"ready_ms": time.Since(begin).Milliseconds()})

	for _, q := range questions {
		if err := lines.Encode(put(target, q, *timeout)); err != nil {
			return exitMisused
		}
	}
	return exitAsked
}

// findAndAsk puts all questions to every TCP port that somebody listens on.
func findAndAsk(questions []question, deadline, timeout time.Duration, lines *json.Encoder, stderr io.Writer) int {
	ports, err := awaitPorts(listening, deadline)
	if err != nil {
		fmt.Fprintf(stderr, "prober: not ready after %v: %v\n", deadline, err)
		return exitNotReady
	}
	ports = ports[:min(len(ports), maxPorts)]
	for _, one := range ports {
		_ = lines.Encode(one)
	}
	for _, one := range ports {
		if one.Protocol != "tcp" {
			continue
		}
		target := fmt.Sprintf("127.0.0.1:%d", one.Port)
		for _, q := range questions {
			a := put(target, q, timeout)
			a.Port = one.Port
			if err := lines.Encode(a); err != nil {
				return exitMisused
			}
			if a.Status == 0 {
				break // what does not speak HTTP does not the second time
			}
		}
	}
	return exitAsked
}

// parse reads the one positional argument.
func parse(args []string) ([]question, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("want one argument, a JSON array of questions, got %d", len(args))
	}
	decoder := json.NewDecoder(strings.NewReader(args[0]))
	decoder.DisallowUnknownFields()
	var questions []question
	if err := decoder.Decode(&questions); err != nil {
		return nil, fmt.Errorf("the questions are not JSON: %w", err)
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("no questions")
	}
	for _, q := range questions {
		// What goes into the request line must not be able to end it.
		if !strings.HasPrefix(q.Get, "/") || strings.ContainsFunc(q.Get, func(r rune) bool {
			return r <= ' ' || r == 0x7f
		}) {
			return nil, fmt.Errorf("question %q: %q is not a path", q.ID, q.Get)
		}
	}
	return questions, nil
}

// put asks once and tells what came of it.
func put(target string, q question, timeout time.Duration) answer {
	begin := time.Now()
	status, body, err := get(target, q.Get, timeout)
	a := answer{ID: q.ID, Status: status, Body: body, Ms: time.Since(begin).Milliseconds()}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}
