# Builds the services that services.txt names: name, module, version, folder. Each as its authors do, in
# its own module, pinned to what this Go compiles.
set -eu
mkdir -p /programs
while read -r name module version folder; do
    dir=$(go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
    rm -rf /tmp/service && cp -r "$dir" /tmp/service && chmod -R u+w /tmp/service
    (cd /tmp/service && CGO_ENABLED=0 GOFLAGS=-buildvcs=false \
        go build -trimpath -ldflags='-s -w' -o "/programs/$name" "./$folder")
done <services.txt
