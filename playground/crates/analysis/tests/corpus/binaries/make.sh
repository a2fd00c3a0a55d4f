#!/bin/sh
# Makes the binaries that tests/it/binary.rs reads: small programs, each built by another Go.
#
#   make.sh            needs Go ≥ 1.21 (which fetches the other versions), a C compiler and
#                      static glibc, about 2 GB of disk for the toolchains
#
# Each binary is thinned (machine code becomes zeros; all else is as the linker wrote it) and
# compressed. Beside it lies what `go tool nm -size` says of its unstripped twin: bytes of code
# by package, to hold ours against.
set -eu
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOENV=off GOFLAGS=
(cd thin && go build -o "$work/thin" .)

# make NAME VERSION PROGRAM LDFLAGS [SETTING…] [-- BUILD FLAGS…]
make() {
    name=$1 version=$2 program=$3 ldflags=$4
    shift 4
    settings="CGO_ENABLED=0 GOTOOLCHAIN=$version"
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        settings="$settings $1"
        shift
    done
    [ $# -eq 0 ] || shift
    echo "$name: $version $program $settings $* -ldflags=$ldflags"
    cd "$here/$program"
    # shellcheck disable=SC2086
    env $settings go build -trimpath "$@" "-ldflags=$ldflags" -o "$work/$name" .
    # The linker keeps the same code without -s and -w.
    twin=$(printf '%s' "$ldflags" | sed 's/-s\b//; s/-w\b//')
    # shellcheck disable=SC2086
    env $settings go build -trimpath "$@" "-ldflags=$twin" -o "$work/twin" .
    # shellcheck disable=SC2086
    env GOTOOLCHAIN="$version" go tool nm -size -type "$work/twin" | code_by_package >"$here/$name.nm"
    cd "$here"
    "$work/thin" "$work/$name" "$work/thinned"
    gzip -9 -n <"$work/thinned" >"$name.gz"
}

# Address, size, type, name → bytes of code and package, by a rule written down twice on
# purpose: here and in src/binary/go/names.rs.
code_by_package() {
    awk '$3 == "T" || $3 == "t" {
        name = $4
        for (i = 5; i <= NF; i++) name = name " " $i
        sub(/^type(:|\.)\.(eq|hash)\./, "", name)
        sub(/[[({ *"].*/, "", name)
        slash = 0
        while ((at = index(substr(name, slash + 1), "/")) > 0) slash += at
        dot = index(substr(name, slash + 1), ".")
        path = dot > 0 ? substr(name, 1, slash + dot - 1) : "-"
        if (path == "" || path == "go" || path ~ /^(go|type):/) path = "-"
        gsub(/%2e/, ".", path)
        sum[path] += $2
    }
    END { for (path in sum) print sum[path], path }' | sort -k2
}

make go1.18-amd64 go1.18.10 tiny "-s -w"
make go1.20-arm64 go1.20.14 tiny "-s -w" GOARCH=arm64
make go1.21-amd64-pie go1.21.13 tiny "-s -w" -- -buildmode=pie
make go1.22-riscv64 go1.22.12 tiny "-s -w" GOARCH=riscv64
make go1.23-amd64-symbols go1.23.9 tiny "-w"
make go1.23-amd64-glibc go1.23.9 glibc "-s -w -linkmode external -extldflags -static-pie" CGO_ENABLED=1 -- -buildmode=pie
make go1.24-386 go1.24.0 tiny "-s -w" GOARCH=386
make go1.25-arm go1.25.0 tiny "-s -w" GOARCH=arm GOARM=7
make go1.26-amd64-pie go1.26.4 tiny "-s -w" -- -buildmode=pie
make go1.27-s390x go1.27.3 tiny "-s -w" GOARCH=s390x
make go1.27-amd64-asks go1.27.3 asks "-s -w"

# One with everything left in, and one by a tool that hides what it is.
(cd tiny && CGO_ENABLED=0 GOTOOLCHAIN=go1.26.8 go build -trimpath -buildvcs=false -o "$work/debug" .)
GOTOOLCHAIN=go1.26.8 GOBIN=$work go install mvdan.cc/garble@v0.16.0
(cd tiny && CGO_ENABLED=0 GOTOOLCHAIN=go1.26.8 "$work/garble" build -o "$work/garbled" .)
for pair in debug:debug garbled:garble; do
    "$work/thin" "$work/${pair%:*}" "$work/thinned"
    gzip -9 -n <"$work/thinned" >"go1.26-amd64-${pair#*:}.gz"
done

# Some that keep their machine code: what it points to tells whose constants are.
whole() {
    name=$1
    shift
    (cd tiny && env CGO_ENABLED=0 GOTOOLCHAIN=go1.26.8 "$@" "-ldflags=-s -w" -o "$work/whole" .)
    gzip -9 -n <"$work/whole" >"$name.gz"
}

# The same with C in it.
with_c() {
    name=$1
    shift
    (cd exports && env CGO_ENABLED=1 GOTOOLCHAIN=go1.26.8 go build -trimpath -buildvcs=false "$@" -o "$work/whole" .)
    gzip -9 -n <"$work/whole" >"$name.gz"
}
whole go1.26-amd64-whole go build -trimpath -buildvcs=false
whole go1.26-amd64-pie-whole go build -trimpath -buildvcs=false -buildmode=pie
whole go1.26-arm64-whole GOARCH=arm64 go build -trimpath -buildvcs=false
with_c go1.26-amd64-exports -buildmode=c-shared "-ldflags=-s -w"
with_c go1.26-amd64-static-glibc "-ldflags=-s -w -linkmode external -extldflags=-static"

# A library with versions of symbols, and a program that needs them.
cc -s -O1 -fcf-protection=none -shared -fPIC -nostdlib -Wl,--build-id=none,--version-script=versions/tiny.map,-soname,libtiny.so.1 \
    -Wl,-z,noseparate-code -o "$work/libtiny.so.1" versions/tiny.c
cc -s -O1 -o "$work/versions" -Wl,--build-id=none,-z,noseparate-code versions/main.c "$work/libtiny.so.1"
gzip -9 -n <"$work/libtiny.so.1" >versions-library.gz
gzip -9 -n <"$work/versions" >versions-program.gz
du -bc ./*.gz | tail -n 1
