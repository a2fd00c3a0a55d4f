# Builds the programs that are linked with musl.
set -eu
mkdir /programs
export CGO_ENABLED=1
go build -trimpath -ldflags='-s -w' -o /programs/cgo+musl ./cmd/cgo
go build -trimpath -ldflags='-s -w -linkmode external -extldflags "-static"' \
    -o /programs/cgo+musl-static ./cmd/cgo
