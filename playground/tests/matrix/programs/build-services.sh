# Builds the services that services.txt names: name, package, version, pinned to what this Go compiles.
set -eu
mkdir -p /programs /tmp/bin
while read -r name package version; do
    CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOBIN=/tmp/bin \
        go install -trimpath -ldflags='-s -w' "$package@$version"
    mv /tmp/bin/* "/programs/$name"
done <services.txt
