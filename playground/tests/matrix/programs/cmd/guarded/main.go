// Guarded does what could fail only where it is asked to: by an option, or by the environment.
package main

import (
	"flag"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"time"

	"emptyroom/matrix/room"
)

func main() {
	profile := flag.Bool("profile", false, "writes a profile")
	check := flag.Bool("check", false, "looks for a newer version")
	flag.Parse()
	room.Enter("guarded")
	if *profile {
		room.Say("written", os.WriteFile("state/profile", nil, 0o644))
	}
	open()
	if *check {
		_, err := http.Get("https://upstream.test/version")
		room.Say("tls", err)
	}
	switch os.Getenv("MODE") {
	case "zone":
		_, err := time.LoadLocation("Europe/Berlin")
		room.Say("zone", err)
	case "user":
		_, err := user.Lookup("nobody")
		room.Say("user", err)
	case "temporary":
		_, err := os.CreateTemp("", "matrix-")
		room.Say("tmp", err)
	}
	room.Stay()
}

// open shows the service, as many do on a developer's machine.
func open() {
	if os.Getenv("BROWSER") == "" {
		return
	}
	room.Say("exec", exec.Command("xdg-open", "http://127.0.0.1/").Run())
}
