// Plays two machines for as long as one command takes: a company's Git server,
// which wants a name and a token, and a mirror of the public modules, which has
// never heard of the company's.
//
//	forge COMMAND …
//
// The command finds them under their names, because it is told to ask a proxy
// for everything, and that proxy is this program. Nothing leaves the machine.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"strings"
)

const (
	project = "git.shop.test/price" // what go.mod calls it
	user    = "ci"
	token   = "token-of-nobody"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("forge: ")
	if len(os.Args) < 2 {
		log.Fatal("usage: forge COMMAND …")
	}
	root, err := os.MkdirTemp("", "forge")
	if err != nil {
		log.Fatal(err)
	}
	if err := push("/price", root+"/price.git"); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, forge(root))) }()
	code := run("http://"+listener.Addr().String(), os.Args[1:])
	os.RemoveAll(root)
	os.Exit(code)
}

// push makes a repository of a folder, with one commit and one tag.
func push(from, to string) error {
	script := `set -e
git init -q --bare "$2" && cd "$1"
export GIT_DIR="$2" GIT_WORK_TREE="$1"
git add -A
git -c user.name=shop -c user.email=shop@shop.test commit -qm 'First prices'
git tag v1.4.0`
	push := exec.Command("sh", "-c", script, "push", from, to)
	push.Stderr = os.Stderr
	return push.Run()
}

func forge(root string) http.Handler {
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		log.Fatal(err)
	}
	git := &cgi.Handler{
		Path:   strings.TrimSpace(string(path)) + "/git-http-backend",
		Env:    []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
		Stderr: os.Stderr,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == "mirror.shop.test":
			http.Error(w, "not found: no such module among the public ones", http.StatusNotFound)
		case r.Host != "git.shop.test":
			http.Error(w, "this network ends here", http.StatusBadGateway)
		case r.URL.Query().Get("go-get") == "1":
			// Everybody may know where it is. Not what is in it.
			fmt.Fprintf(w, `<meta name="go-import" content="%s git http://%s.git">`, project, project)
		default:
			if name, secret, _ := r.BasicAuth(); name != user || secret != token {
				w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			git.ServeHTTP(w, r)
		}
	})
}

// run runs the command with this program as its way to the world, and returns
// its exit code.
func run(proxy string, words []string) int {
	command := exec.Command(words[0], words[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	// GOINSECURE: these two speak HTTP, so that this is about one thing only.
	command.Env = append(os.Environ(), "http_proxy="+proxy, "GOINSECURE=git.shop.test")
	err := command.Run()
	if command.ProcessState == nil {
		log.Fatal(err)
	}
	return command.ProcessState.ExitCode()
}
