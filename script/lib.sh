# Shared by script/server and script/test: finding and installing what they need.
# Sourced by a POSIX shell with `set -eu`.

say() { printf '\n==> %s\n' "$*" >&2; }
die() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

# What the script that runs says of itself at its head; it ends with 2.
usage() {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d' >&2
    exit 2
}

# until_holds PID LOG TEST…: waits for a test. Fails where the process has ended, or its log stands
# still for a minute: it will say nothing more.
until_holds() {
    awaited=$1 awaited_log=$2 quiet=0 lines_before=
    shift 2
    until "$@"; do
        kill -0 "$awaited" 2>/dev/null && [ "$quiet" -lt 300 ] || return 1
        lines=$(wc -l <"$awaited_log")
        quiet=$((quiet + 1))
        [ "$lines" = "$lines_before" ] || quiet=0
        lines_before=$lines
        sleep 0.2
    done
}

# Every line of a background job says which job it belongs to.
prefixed() { while IFS= read -r line; do printf '  [%s] %s\n' "$1" "$line"; done; }

need_rust() {
    if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
        PATH="$HOME/.cargo/bin:$PATH"
    fi
    command -v cargo >/dev/null 2>&1 || die "Rust is missing." \
        "The playground is compiled on your machine; it needs cargo 1.95 or newer." \
        "next: install rustup (https://rustup.rs), open a new shell, run script/server again."
    have=$(cargo --version | sed 's/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/')
    # shellcheck disable=SC2086
    set -- $have
    [ "$1" -gt 1 ] || [ "$2" -ge 95 ] || die "cargo 1.$2 is too old: 1.95 or newer is needed." \
        "next: rustup update stable, then run this again."
}

need_c_compiler() {
    command -v cc >/dev/null 2>&1 && return
    can_apt || die "There is no C compiler (cc), which linking and SQLite need." \
        "next: install gcc or clang, then run this again."
    say "Installing a C compiler (gcc)."
    apt_install gcc libc6-dev
}

can_apt() {
    command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1; }
}

# Asks for sudo's password now: later, the compiler would write over the question.
may_apt() { can_apt && { [ "$(id -u)" = 0 ] || sudo -v; }; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@"
}

# The first usual socket of an engine, or DOCKER_HOST. The playground itself looks in more
# detail (docker contexts, what answers); this only decides whether to install anything. Its
# own list is in crates/engine/src/kind.rs, and a test there holds this one to it.
engine_socket() {
    if [ -n "${DOCKER_HOST:-}" ]; then
        echo "$DOCKER_HOST"
        return
    fi
    if grep -qs '"currentContext": *"[^"]' "${DOCKER_CONFIG:-$HOME/.docker}/config.json"; then
        echo "the docker context in use"
        return
    fi
    for socket in /var/run/docker.sock "$HOME/.docker/run/docker.sock" \
        "$HOME/.docker/desktop/docker.sock" "$HOME/.colima/default/docker.sock" \
        "$HOME/.colima/docker.sock" "$HOME/.orbstack/run/docker.sock" "$HOME/.rd/docker.sock" \
        "$HOME/.local/share/containers/podman/machine/podman.sock" \
        "${XDG_RUNTIME_DIR:-/nonexistent}/docker.sock" \
        "${XDG_RUNTIME_DIR:-/nonexistent}/podman/podman.sock" /run/podman/podman.sock; do
        if [ -S "$socket" ]; then
            echo "$socket"
            return
        fi
    done
    return 1
}

# Where no engine answers: sees to one that can be started. apt is never stopped half-way,
# because a broken-off dpkg would have to be mended by hand.
ensure_engine_installed() {
    if command -v dockerd >/dev/null 2>&1; then
        echo "engine: dockerd is installed; the playground starts a private one"
    elif can_apt; then
        echo "engine: installing Debian's docker.io"
        apt_install docker.io iptables iproute2 ca-certificates mmdebstrap python3-pip xz-utils </dev/null
        echo "engine: installed"
    fi
}

# Layers of the base images, for an engine that is not running yet. One that runs is asked
# to pull first, by the playground. Ends, with all that it has started, when stdin does.
rebuild_bases_for_later() {
    if engine_socket >/dev/null || ! command -v dockerd >/dev/null 2>&1 ||
        ! command -v dpkg >/dev/null 2>&1; then
        return
    fi
    EMPTY_ROOM_LEASH=yes setsid -w playground/bases/rebuild.sh all
}
