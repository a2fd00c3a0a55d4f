# Where layers are kept, how one is sealed, and how runs side by side get along.

# Ends the run with a sentence for people; `playground` reads these three lines.
trouble() {
    printf 'what: %s\ncause: %s\nnext: %s\n' "$1" "$2" "$3" >&2
    exit 1
}

# A line of progress, on the terminal and for those who wait for this run.
say() {
    echo "$*"
    [ -z "${progress:-}" ] || echo "$*" >>"$progress"
}

open_cache() {
    arch=$(dpkg --print-architecture 2>/dev/null) || trouble \
        "The bases cannot be rebuilt on this machine." \
        "It is not a Debian machine: there is no dpkg." \
        "Connect to a network that reaches the registry, then: playground bases pull"
    case $arch in
        amd64) triplet=x86_64-linux-gnu musl=x86_64 ;;
        arm64) triplet=aarch64-linux-gnu musl=aarch64 ;;
        *) trouble "The bases cannot be rebuilt for $arch." \
            "The recipe knows amd64 and arm64 only." \
            "Connect to a network that reaches the registry, then: playground bases pull" ;;
    esac
    cache=${EMPTY_ROOM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/empty-room}
    key=$(cd "$here" && cat rebuild.sh lib/*.sh lib/*.py alpine/* | sha256sum | cut -c1-12)
    layers=$cache/bases/$key-$arch
    mkdir -p "$layers" || trouble "The cache $cache cannot be written." \
        "No right to write there, or the disk is full." \
        "Name another place: EMPTY_ROOM_CACHE=/some/where"
    log=$cache/bases/rebuild.log
}

have() { [ -f "$layers/$1.json" ] && [ -f "$layers/$1.tar" ]; }

have_all() {
    for layer in $wanted; do have "$layer" || return 1; done
}

# Returns 0 with the lock held, 1 when another run has meanwhile made all we want.
wait_for_lock() {
    exec 9>>"$cache/bases/lock"
    seen=0
    while ! flock -n 9; do
        have_all && return 1
        # Another run is at it: pass its words on.
        if [ -f "$cache/bases/progress" ]; then
            tail -n +$((seen + 1)) "$cache/bases/progress" >"$cache/bases/.tail.$$"
            cat "$cache/bases/.tail.$$"
            seen=$((seen + $(wc -l <"$cache/bases/.tail.$$")))
            rm -f "$cache/bases/.tail.$$"
        fi
        sleep 0.3
    done
    progress=$cache/bases/progress
    : >"$progress"
}

begin_work() {
    # With the lock held, any other work directory is a dead run's.
    rm -rf --one-file-system "$cache"/bases/work.*
    free=$(df -Pk "$cache/bases" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -gt 2500 ] || trouble "The disk is too full to rebuild the bases." \
        "$cache has $free MB left; the layers and the work on them take up to 2500." \
        "Free some, or name another place: EMPTY_ROOM_CACHE=/some/where"
    work=$cache/bases/work.$$
    mkdir -p "$work"
    : >"$log"
}

# `playground` holds the other end of stdin: when it goes, however it goes, so do we, and
# with us every process of this run (they share a group).
hold_leash() {
    jobs=
    work=
    leash=
    trap finish EXIT
    trap 'exit 143' INT TERM HUP
    [ -n "${EMPTY_ROOM_LEASH:-}" ] || return 0
    exec 8<&0
    { cat <&8; kill -s TERM -- "-$$"; } >/dev/null 2>&1 &
    leash=$!
    exec 8<&- </dev/null
}

finish() {
    trap - EXIT
    for job in $jobs; do kill "${job#*:}" 2>/dev/null || :; done
    [ -z "$leash" ] || kill "$leash" 2>/dev/null || :
    if [ -n "$work" ]; then
        rm -rf --one-file-system "$work"
        # Under sudo the cache stays the caller's.
        [ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$cache/bases"
    fi
}

# Runs a part in the background; its noise goes to the log.
start() {
    part=$1
    shift
    ( set -eu; trap - EXIT; trap 'exit 143' TERM; part_name=$part; "$@" ) &
    jobs="$jobs $part:$!"
}

wait_for_parts() {
    failed=
    for job in $jobs; do
        wait "${job#*:}" || failed="$failed ${job%:*}"
    done
    jobs=
    [ -z "$failed" ] || exit 1
}

# Another version's layers are kept once, for a clone beside this one; no older ones.
forget_old_recipes() {
    touch "$layers"
    ls -dt "$cache"/bases/*-"$arch" | tail -n +3 | while read -r old; do rm -rf "$old"; done
}

# Runs a noisy command; its output is shown only where it fails.
quietly() {
    noise=$work/noise.$part_name
    if "$@" >"$noise" 2>&1 </dev/null; then
        cat "$noise" >>"$log"
    else
        cat "$noise" >>"$log"
        trouble "A step of the rebuild failed: $(echo "$*" | cut -c1-100)" \
            "It said: $(grep -v '^ *$' "$noise" | tail -n 4 | tr '\n' ' ' | cut -c1-600)" \
            "Read $log, then try again: what is finished is kept."
    fi
}

# seal LAYER [PACKAGE=VERSION...]: stdin, a tar, becomes a layer. The .json is written
# last, and both appear whole or not at all.
seal() {
    name=$1
    shift
    half=$work/$name.tar
    digest=$(tee "$half" | sha256sum | cut -d' ' -f1)
    [ -s "$half" ] || trouble "The layer $name came out empty." \
        "A tar could not be written: is the disk full?" "Read $log."
    unpacked=$(tar --numeric-owner -tvf "$half" | awk '/^-/ { s += $3 } END { printf "%d", s }')
    packages=$(printf '"%s",' "$@")
    [ $# -gt 0 ] || packages=
    printf '{"diff_id":"sha256:%s","unpacked_bytes":%s,"packages":[%s],"built":"%s"}\n' \
        "$digest" "$unpacked" "${packages%,}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$work/$name.json"
    mv "$half" "$layers/$name.tar"
    mv "$work/$name.json" "$layers/$name.json"
}
