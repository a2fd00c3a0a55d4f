// Measure starts a service, alone and then twice at once, and says what that
// takes: time until it answers, and memory, as the kernel counts it.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := measure("/app"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(path string) error {
	packed, err := gzipped(path)
	if err != nil {
		return err
	}
	fmt.Printf("gzip=%d bytes, as a layer would hold it\n", packed)

	var took []float64
	for range 11 {
		one, ready, err := start(path, "8081")
		if err != nil {
			return err
		}
		took = append(took, float64(ready.Microseconds())/1000)
		stop(one)
	}
	slices.Sort(took)
	fmt.Printf("start=%.1f ms from exec to the first answer, median of %d\n", took[len(took)/2], len(took))

	one, _, err := start(path, "8081")
	if err != nil {
		return err
	}
	defer stop(one)
	alone, err := memory(one)
	if err != nil {
		return err
	}
	fmt.Printf("rss=%d bytes, one instance alone\n", alone["Rss"])

	other, _, err := start(path, "8082")
	if err != nil {
		return err
	}
	defer stop(other)
	a, err := memory(one)
	if err != nil {
		return err
	}
	b, err := memory(other)
	if err != nil {
		return err
	}
	fmt.Printf("two=%d bytes, two instances together (PSS)\n", a["Pss"]+b["Pss"])
	fmt.Printf("shared=%d bytes, of one that the other uses too\n", a["Shared_Clean"]+a["Shared_Dirty"])
	return nil
}

// start runs the service and asks it until it answers.
func start(path, port string) (*exec.Cmd, time.Duration, error) {
	command := exec.Command(path)
	command.Env = []string{"PORT=" + port}
	begin := time.Now()
	if err := command.Start(); err != nil {
		return nil, 0, err
	}
	for time.Since(begin) < 5*time.Second {
		if healthy(port) {
			return command, time.Since(begin), nil
		}
		time.Sleep(200 * time.Microsecond)
	}
	stop(command)
	return nil, 0, fmt.Errorf("%s did not answer", path)
}

func stop(command *exec.Cmd) {
	_ = command.Process.Kill()
	_ = command.Wait()
}

func healthy(port string) bool {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return false
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /healthz HTTP/1.0\r\n\r\n")
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.Contains(line, " 200 ")
}

// memory is what /proc/PID/smaps_rollup says, in bytes.
func memory(command *exec.Cmd) (map[string]int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", command.Process.Pid))
	if err != nil {
		return nil, err
	}
	found := map[string]int64{}
	for _, line := range strings.Split(string(text), "\n") {
		var name string
		var kb int64
		if _, err := fmt.Sscanf(line, "%s %d kB", &name, &kb); err == nil {
			found[strings.TrimSuffix(name, ":")] = kb * 1024
		}
	}
	return found, nil
}

func gzipped(path string) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.Copy(writer, file); err != nil {
		return 0, err
	}
	if err := writer.Close(); err != nil {
		return 0, err
	}
	return packed.Len(), nil
}
