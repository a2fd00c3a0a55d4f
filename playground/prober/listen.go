package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settled is how long the list of ports must stay the same before anybody is asked: programs open
// their ports one after another.
const settled = 700 * time.Millisecond

// maxPorts is how many ports are asked; nobody has more to say.
const maxPorts = 8

// port is a socket that waits for somebody to call.
type port struct {
	Port     int    `json:"port"`
	Protocol string `json:"protocol"`
	// Loopback is whether only this network namespace can call.
	Loopback bool `json:"loopback"`
}

// listening reads the sockets of this network namespace that wait for callers: of TCP those in
// state LISTEN, of UDP those that nobody is connected to.
func listening() ([]port, error) {
	var ports []port
	for _, table := range []struct{ file, protocol, state string }{
		{"/proc/net/tcp", "tcp", "0A"},
		{"/proc/net/tcp6", "tcp", "0A"},
		{"/proc/net/udp", "udp", "07"},
		{"/proc/net/udp6", "udp", "07"},
	} {
		text, err := os.ReadFile(table.file)
		if errors.Is(err, os.ErrNotExist) {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		ports = append(ports, sockets(string(text), table.protocol, table.state)...)
	}
	return merged(ports), nil
}

// sockets reads one of the kernel's tables (proc_net_tcp.txt): a head, then a line for each socket.
func sockets(table, protocol, state string) []port {
	var ports []port
	lines := bufio.NewScanner(strings.NewReader(table))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || fields[3] != state {
			continue
		}
		address, number, found := strings.Cut(fields[1], ":")
		n, err := strconv.ParseUint(number, 16, 16)
		if !found || err != nil || n == 0 {
			continue
		}
		ports = append(ports, port{Port: int(n), Protocol: protocol, Loopback: isLoopback(address)})
	}
	return ports
}

// isLoopback reads an address as the kernel writes it: words of four bytes, each in the machine's
// order, which is the reverse one on all machines that we run on.
func isLoopback(address string) bool {
	bytes, err := hex.DecodeString(address)
	if err != nil || len(bytes)%4 != 0 {
		return false
	}
	for word := 0; word < len(bytes); word += 4 {
		slices.Reverse(bytes[word : word+4])
	}
	switch {
	case len(bytes) == 4:
		return bytes[0] == 127
	case len(bytes) != 16:
		return false
	case strings.HasPrefix(string(bytes), "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"):
		return bytes[12] == 127
	}
	return string(bytes) == "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
}

// merged has each port once, in order; one that can be called from outside at any address can.
func merged(ports []port) []port {
	var all []port
	for _, one := range ports {
		same := slices.IndexFunc(all, func(other port) bool {
			return other.Port == one.Port && other.Protocol == one.Protocol
		})
		if same < 0 {
			all = append(all, one)
			continue
		}
		all[same].Loopback = all[same].Loopback && one.Loopback
	}
	slices.SortFunc(all, func(a, b port) int {
		if order := strings.Compare(a.Protocol, b.Protocol); order != 0 {
			return order
		}
		return a.Port - b.Port
	})
	return all
}

// awaitPorts waits until somebody listens and the list has stayed the same for a while.
func awaitPorts(look func() ([]port, error), deadline time.Duration) ([]port, error) {
	end := time.Now().Add(deadline)
	var last []port
	since := time.Now()
	for {
		ports, err := look()
		if err != nil {
			return nil, err
		}
		if !slices.Equal(ports, last) {
			last, since = ports, time.Now()
		}
		// UDP alone may be a resolver's or a log's: a server gets longer to come up.
		tcp := slices.ContainsFunc(last, func(one port) bool { return one.Protocol == "tcp" })
		quiet := settled
		if !tcp {
			quiet = deadline / 2
		}
		if len(last) > 0 && time.Since(since) >= quiet {
			return last, nil
		}
		if time.Until(end) <= 0 {
			if len(last) > 0 {
				return last, nil
			}
			return nil, fmt.Errorf("nobody listens after %v", deadline)
		}
		time.Sleep(pause)
	}
}
