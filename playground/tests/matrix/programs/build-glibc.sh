# Builds the programs on Debian: those without C, and those linked with glibc.
set -eu
cp /usr/share/ca-certificates/mozilla/ISRG_Root_X1.crt trust/public.pem
mkdir /programs
strip='-s -w'

# name [go build flags…]: cmd/<name> without C, as the book builds it.
plain() {
    name=$1
    shift
    CGO_ENABLED=0 go build -trimpath -ldflags="$strip" "$@" -o "/programs/$name" "./cmd/${name%%+*}"
}

for name in hello once tini tls tls-dial tls-server tls-roots tls-own-fallback tls-pinned zone \
    zone-embedded user-current user-name user-id tmp tmp-directory listen run sqlite \
    zone-named run-named run-on-demand tmp-on-demand user-optional tls-plain \
    tls-client tmp-task read serve-files user-named write-named service-named guarded \
    tls-both tls-default; do
    plain "$name"
done
plain zone+tag -tags timetzdata
plain hello+pie -buildmode=pie
CGO_ENABLED=0 go build -trimpath -o /programs/hello+debug ./cmd/hello
CGO_ENABLED=0 go build -trimpath -ldflags=-w -o /programs/hello+symbols ./cmd/hello
# Knows where its Go lay, and looks for time zones there.
CGO_ENABLED=0 go build -ldflags="$strip" -o /programs/zone+goroot ./cmd/zone
case $(go env GOARCH) in
    amd64) foreign=arm64 ;;
    *) foreign=amd64 ;;
esac
GOARCH=$foreign plain hello+foreign
GOARCH=386 plain hello+386
GOOS=windows plain hello+windows
GOOS=freebsd plain hello+freebsd

# name directory ldflags [go build flags…]: with C.
linked() {
    name=$1 directory=$2 flags=$3
    shift 3
    CGO_ENABLED=1 go build -trimpath -ldflags="$strip $flags" "$@" -o "/programs/$name" "./cmd/$directory"
}
linked cgo cgo ''
linked cgo+debug cgo '' -ldflags=
linked cgo+static cgo '-linkmode external -extldflags "-static"' -tags netgo,osusergo
linked cgo+pie cgo '' -buildmode=pie
linked cgo+static-pie cgo '-linkmode external -extldflags "-static-pie"' -buildmode=pie -tags netgo,osusergo
linked user-current+cgo user-current ''

# A library in two versions. The program is linked to the newer one, which names its version.
mkdir -p /greet/old /greet/new
printf 'GREET_1 { global: hello; local: *; };\n' >/greet/old/map
printf 'GREET_1 { global: hello; local: *; };\nGREET_2 { global: greet; } GREET_1;\n' >/greet/new/map
printf 'int hello(void) { return 1; }\n' >/greet/old/greet.c
printf 'int hello(void) { return 1; }\nint greet(void) { return 2; }\n' >/greet/new/greet.c
for age in old new; do
    gcc -shared -fPIC -Wl,-soname,libgreet.so.1 -Wl,--version-script=/greet/$age/map \
        -o /greet/$age/libgreet.so.1 /greet/$age/greet.c
done
ln -s libgreet.so.1 /greet/new/libgreet.so
linked greet greet ''
linked greet+rpath greet '-extldflags "-Wl,-rpath,\$ORIGIN/lib"'

# By another look than the library's: what a linker's tool says of each.
for program in /programs/*; do
    if readelf -SW "$program" 2>/dev/null | grep -Eq ' \.(symtab|z?debug_info) '; then
        basename "$program"
    fi
done >/unstripped
