# Shared by script/server and script/test: finding and installing what they need.
# Sourced by a POSIX shell with `set -eu`.

say() { printf '\n==> %s\n' "$*" >&2; }
die() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
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

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@"
}

# The first usual socket of an engine, or DOCKER_HOST. The playground itself looks in more
# detail (docker contexts, what answers); this only decides whether to install anything.
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
        "$HOME/.orbstack/run/docker.sock" "$HOME/.rd/docker.sock" \
        "${XDG_RUNTIME_DIR:-/nonexistent}/docker.sock" \
        "${XDG_RUNTIME_DIR:-/nonexistent}/podman/podman.sock" /run/podman/podman.sock; do
        if [ -S "$socket" ]; then
            echo "$socket"
            return
        fi
    done
    return 1
}

docker_cli_answers() {
    command -v docker >/dev/null 2>&1 && timeout 10 docker version >/dev/null 2>&1
}

ensure_engine_installed() {
    if found=$(engine_socket); then
        echo "engine: using $found"
    elif command -v dockerd >/dev/null 2>&1; then
        echo "engine: dockerd is installed; the playground starts a private one"
    elif can_apt; then
        echo "engine: installing Debian's docker.io"
        apt_install docker.io iptables iproute2 ca-certificates mmdebstrap python3-pip xz-utils
        echo "engine: installed"
    else
        echo "engine: none found, and nothing here can install one (no apt with root or sudo)."
        echo "  next: install Docker Desktop, OrbStack, Colima or Docker Engine and start it."
        echo "  The book opens without one; its Run buttons then say what is missing."
    fi
}

# Where a registry answers, the published bases are better than rebuilt ones.
prefetch_from_registry() {
    for base in $(sed -n 's/^name = "\(.*\)"$/\1/p' playground/bases/bases.toml); do
        docker image inspect "$base" >/dev/null 2>&1 && continue
        echo "bases: pulling $base"
        if ! timeout 900 docker pull "$base"; then
            echo "bases: no registry answers; rebuilding from Debian packages"
            playground/bases/rebuild.sh all
            return
        fi
    done
}
