# Getting an engine's programs: Debian's packages, and Go modules built once. Sourced by
# script/engine, script/kubernetes and script/external-cache, which say the $name.

# Go builds of this size are not for every age of Go: containerd asks for this one.
go_wanted=1.26

# The cache of all $engines, and in it the $dir and $log of this one, which are ours until we end: two at
# once would build into one folder, or start two on one store.
own_folder() {
    engines=${EMPTY_ROOM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/empty-room}/engines
    dir=$engines/$name
    mkdir -p "$dir"
    log=$dir/log
    exec 9>"$dir/lock"
    flock 9
}

have_programs() {
    missing=
    for package in $(packages_of "$name"); do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
            missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        can_apt || die "The engine $name needs$missing, and nothing here can install them." \
            "next: install them, then run this again."
        # A service of Debian's would start now, and be found by whoever looks for an engine.
        # shellcheck disable=SC2086
        without_services apt_install $missing >"$log" 2>&1 || die "apt could not install$missing." \
            "$(tail -n 1 "$log")" "next: see $log"
    fi
    bin=
    [ -n "$(recipe_of "$name")" ] || return 0
    need_go
    bin=$engines/$name-$(recipe_key)/bin
    [ -d "$bin" ] || build_programs
}

# Packages only: what runs of them is up to us.
without_services() {
    [ ! -e /usr/sbin/policy-rc.d ] || {
        "$@"
        return
    }
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    status=0
    "$@" || status=$?
    rm -f /usr/sbin/policy-rc.d
    return "$status"
}

need_go() {
    command -v go >/dev/null 2>&1 || [ ! -x /usr/local/go/bin/go ] || PATH=$PATH:/usr/local/go/bin
    have=$(go env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9]*\.[0-9]*\).*/\1/p')
    printf '%s\n' "$go_wanted" "${have:-0}" | sort -C -V || die \
        "$name is built with Go $go_wanted or newer; here is ${have:-none}." \
        "next: install Go (https://go.dev/dl), then run this again."
}

recipe_key() {
    { recipe_of "$name"; go env GOVERSION GOARCH; } | sha256sum | cut -c1-12
}

# Builds into a folder beside and moves that: a build that was stopped leaves nothing to be
# taken for a whole one. Go's own cache keeps what it has compiled.
build_programs() {
    work=$engines/$name-work
    rm -rf --one-file-system "$work"
    mkdir -p "$work/bin"
    say "Building $name from its Go modules (once; some minutes)."
    since=$(date +%s)
    recipe_of "$name" >"$work/recipe"
    : >"$log"
    while read -r kind what rest; do
        case $kind in
        module) module=$what version=${rest%% *} libraries=${rest##* staging } ;;
        program) build_program "$what" $rest >>"$log" 2>&1 || die "$what could not be built." \
            "$(tail -n 1 "$log")" "next: see $log" ;;
        esac
    done <"$work/recipe"
    rm -rf --one-file-system "$work/source"
    mkdir -p "${bin%/bin}"
    mv "$work/bin" "$bin"
    rm -rf --one-file-system "$work"
    echo "built $name in $(($(date +%s) - since)) s" >&2
}

# One package of $module. The sums that its module names are checked, and those of the module
# itself against Go's sum database.
build_program() {
    package=$1
    shift
    tags= set= cgo=0
    while [ $# -gt 0 ]; do
        case $1 in
        cgo) cgo=1 ;;
        tags) tags=$2 && shift ;;
        set) set="-X $2" && shift ;;
        esac
        shift
    done
    source=$work/source/$module
    [ -d "$source" ] || unpack_module
    echo "building $package"
    # One package at a time: whoever waits for this machine should not notice.
    (cd "$source" && CGO_ENABLED=$cgo GOFLAGS="-p=1 -mod=mod" GOTOOLCHAIN=local nice -n 10 \
        go build -buildvcs=false -trimpath -tags "$tags" -ldflags "-s -w $set" \
        -o "$work/bin/" "$package")
}

# The module's source with its own go.mod. Docker up to 28 has one by another name; where others
# name modules that lie beside them in their repository, the published ones are taken.
unpack_module() {
    found=$(go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
    [ -n "$found" ] || return 1
    mkdir -p "$source"
    cp -R "$found/." "$source/"
    chmod -R u+w "$source"
    [ ! -f "$source/vendor.mod" ] || {
        mv "$source/vendor.mod" "$source/go.mod"
        mv "$source/vendor.sum" "$source/go.sum"
        rm -r "$source/vendor"
    }
    rm -f "$source/go.work" "$source/go.work.sum"
    sed -i -e '/=> \.\.\//d' -e "s#=> \./staging/src/\(.*\)#=> \1 $libraries#" "$source/go.mod"
}
