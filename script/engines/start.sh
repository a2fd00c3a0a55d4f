# Starting and stopping an engine in a network namespace of its own. Sourced by script/engine,
# which says the engine's $name, its folder $dir and its $log, and has set $bin.

# The pid files are ours, but a pid is soon another process: its command line must name our folder.
running() {
    pid=$(cat "$dir/$1.pid" 2>/dev/null) && [ -r "/proc/$pid/cmdline" ] &&
        tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir"
}

answers() {
    curl --silent --fail --max-time 2 --unix-socket "$dir/docker.sock" http://engine/_ping >/dev/null 2>&1
}

# Up, and made of the programs that the recipe asks for now.
is_up() {
    [ "$(cat "$dir/made-of" 2>/dev/null)" = "${bin:-debian}" ] && running engine && answers
}

start_engine() {
    stop_engine
    : >"$log"
    PATH=${bin:+$bin:}$PATH
    open_network
    start_programs
    echo "${bin:-debian}" >"$dir/made-of"
}

# Starts a program in the engine's network and waits until the last argument of ours, a test, holds.
start() {
    program=$1 ready=$2
    shift 2
    in_its_place setsid "$@" >>"$log" 2>&1 9>&- &
    echo $! >"$dir/$program.pid"
    until_holds "$(cat "$dir/$program.pid")" "$log" "$ready" || {
        stop_engine
        die "The engine $name did not start." "$(tail -n 1 "$log")" "next: see $log"
    }
}

# In the engine's network, with the /sys of it (engines read there what their bridges do) and with
# this machine's cgroups, which `ip netns exec` would take away. The second program joins the
# first: they mount for each other.
in_its_place() {
    if running containerd; then
        exec nsenter --net="/run/netns/$netns" --mount="/proc/$pid/ns/mnt" "$@"
    fi
    mkdir -p "$dir/cgroup"
    # shellcheck disable=SC2016
    exec nsenter --net="/run/netns/$netns" unshare --mount sh -c '
        mount --rbind /sys/fs/cgroup "$0" && mount -t sysfs sysfs /sys &&
            mount --rbind "$0" /sys/fs/cgroup && umount -l "$0" && exec "$@"
    ' "$dir/cgroup" "$@"
}

start_containerd() {
    running containerd || start containerd containerd_listens containerd --root "$dir/containerd" \
        --state "$dir/containerd-state" --address "$dir/containerd.sock"
}
containerd_listens() { [ -S "$dir/containerd.sock" ]; }

start_docker() {
    start engine answers dockerd --data-root "$dir/data" --exec-root "$dir/exec" \
        --pidfile "$dir/dockerd.pid" --host "unix://$dir/docker.sock" "$@"
}

# Podman raises limits of processes: a machine without CAP_SYS_RESOURCE lets it build, not run.
start_podman() {
    start engine answers podman --root "$dir/data" --runroot "$dir/exec" system service \
        --time 0 "unix://$dir/docker.sock"
}

stop_engine() {
    stop_program engine
    stop_program containerd
    rm -f "$dir/docker.sock" "$dir/containerd.sock" "$dir/dockerd.pid" "$dir/made-of"
    close_network
}

# Its network, and what it started, outlive it, as on a machine whose engine dies.
crash_engine() {
    kill -9 "$pid"
    while running engine; do sleep 0.1; done
    # Its own containerd dies with it. Killed ones may stay as zombies, which dockerd takes for living.
    rm -f "$dir/engine.pid" "$dir/dockerd.pid" "$dir/docker.sock" "$dir/exec/containerd/containerd.pid"
    PATH=${bin:+$bin:}$PATH
    name_network
    start_programs
}

stop_program() {
    if running "$1"; then
        kill "$pid"
        waited=0
        while running "$1"; do
            waited=$((waited + 1))
            [ "$waited" -lt 150 ] || kill -9 "$pid" 2>/dev/null || true
            sleep 0.2
        done
    fi
    rm -f "$dir/$1.pid"
}

name_network() {
    subnet=$(subnet_of "$name")
    netns=er-$name inside=$subnet.0.2 outside=$subnet.0.1 device=er-${subnet#*.}
}

# A pair of devices leads from the namespace to the machine, which lets it out: builds download.
# The engine makes its bridges inside, where nobody else has any.
open_network() {
    name_network
    ip netns add "$netns"
    ip link add "$device" type veth peer name eth0 netns "$netns"
    ip addr add "$outside/30" dev "$device"
    ip link set "$device" up
    ip -n "$netns" link set lo up
    ip -n "$netns" addr add "$inside/30" dev eth0
    ip -n "$netns" link set eth0 up
    ip -n "$netns" route add default via "$outside"
    echo 1 >/proc/sys/net/ipv4/ip_forward
    let_out -I
}

# First in line: a Docker of this machine drops what it does not know.
let_out() {
    iptables --wait -t nat "$1" POSTROUTING -s "$inside/32" -j MASQUERADE
    iptables --wait "$1" FORWARD -i "$device" -j ACCEPT
    iptables --wait "$1" FORWARD -o "$device" -j ACCEPT
}

close_network() {
    name_network
    [ -e "/run/netns/$netns" ] || return 0
    let_out -D 2>/dev/null || true
    ip link delete "$device" 2>/dev/null || true
    ip netns delete "$netns"
}
