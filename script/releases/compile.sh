# Compiling for a target, sourced by script/release, which names the folder of $tools.

# Programs for musl are linked by the linker that Rust brings along, with the libraries that it
# brings along; C, of which SQLite and zstd are, is compiled by Zig, which knows all targets and
# comes as a Python package. So one Linux machine makes them for every architecture.
zig_version=0.14.1
# Digests of its wheels (Linux and macOS, amd64 and arm64): what compiles a release is not taken on
# an index's word.
zig_digests="6eb9d4d759b292c83810dbee2e9e8e3fbfbf01d864e6e9811bae711fd74e1c2f
7994b27f3cbfcedea43f9b7552e38b45857bdf0e9a45065474092dd74e7048cf
7b880229c41e822c0388318de89dffe034a146ce44a7342b7e74b167329a67b9
eae7d46746b8e80a4d1a8369b09f7a6aace973ee39207b1b63cfb6bb086e84dc"
cyclonedx_version=0.5.9

triple_of() {
    case $1 in
    linux-amd64) echo x86_64-unknown-linux-musl ;;
    linux-arm64) echo aarch64-unknown-linux-musl ;;
    darwin-amd64) echo x86_64-apple-darwin ;;
    darwin-arm64) echo aarch64-apple-darwin ;;
    esac
}

compile() {
    triple=$(triple_of "$1")
    variable=$(echo "$triple" | tr '[:lower:]-' '[:upper:]_')
    if command -v rustup >/dev/null 2>&1; then
        rustup --quiet target add "$triple" || die "Rust's libraries for $triple are missing." \
            "rustup could not fetch them." "next: see what it said above."
    fi
    # Where this checkout and Rust's crates lie is nobody's business, and would make bytes differ.
    flags=
    for flag in "--remap-path-prefix=$PWD=/empty-room" \
        "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
        "--remap-path-prefix=$(rustc --print sysroot)=/rust" -Cstrip=symbols; do
        flags=$flags$flag$(printf '\037')
    done
    case $1 in
    linux-*)
        need_zig
        export "CC_$(echo "$triple" | tr - _)=$PWD/script/releases/zig-cc"
        export "AR_$(echo "$triple" | tr - _)=$PWD/script/releases/zig-ar"
        export "CARGO_TARGET_${variable}_LINKER=rust-lld"
        # Relocations of a program that may lie anywhere: packed, they take a fortieth.
        flags=$flags-Clink-self-contained=yes$(printf '\037')-Clink-arg=--pack-dyn-relocs=relr
        ;;
    esac
    say "Compiling for $1 (some minutes: it is made small)."
    env CARGO_ENCODED_RUSTFLAGS="${flags%"$(printf '\037')"}" EMPTY_ROOM_ZIG="${zig:-}" \
        ZIG_TARGET="${triple%%-*}-linux-musl" cargo build --locked --profile dist --features embed \
        --package playground --target "$triple"
}

# Python packages go into a folder of their own, named by what is in it.
need_zig() {
    zig=$tools/ziglang-$zig_version/ziglang/zig
    [ -x "$zig" ] && return
    say "Fetching Zig $zig_version, the C compiler for every target."
    rm -rf "$tools/fresh"
    mkdir -p "$tools"
    { printf 'ziglang==%s' "$zig_version" && printf ' --hash=sha256:%s' $zig_digests && echo; } \
        >"$tools/zig.txt"
    python3 -m pip --quiet install --no-deps --only-binary=:all: --target "$tools/fresh" \
        --requirement "$tools/zig.txt" ||
        die "Zig could not be fetched from the Python package index, or is another one than it was." \
            "next: see what pip said above; it needs python3 with pip."
    rm -rf "$tools/ziglang-$zig_version"
    mv "$tools/fresh" "$tools/ziglang-$zig_version"
}

# CycloneDX's own tool reads what Cargo resolves. It writes a file beside every Cargo.toml.
bill_of_materials() {
    if ! [ -x "$tools/cyclonedx-$cyclonedx_version/bin/cargo-cyclonedx" ]; then
        say "Compiling cargo-cyclonedx $cyclonedx_version, which lists what programs are made of (once)."
        cargo install --quiet --locked --root "$tools/cyclonedx-$cyclonedx_version" \
            "cargo-cyclonedx@$cyclonedx_version" || die "cargo-cyclonedx could not be compiled." \
            "next: see what cargo said above."
    fi
    listed=yes
    "$tools/cyclonedx-$cyclonedx_version/bin/cargo-cyclonedx" cyclonedx --quiet --format json \
        --target all --override-filename release-bill --manifest-path playground/Cargo.toml || listed=
    # Where this checkout lies is nobody's business.
    [ -z "$listed" ] || sed "s|file://$PWD|file:///empty-room|g" playground/release-bill.json >"$1"
    find playground -name 'release-bill*.json' -delete
    [ -n "$listed" ] || die "cargo-cyclonedx could not list what programs are made of." \
        "next: see what it said above."
}
