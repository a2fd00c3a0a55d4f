# The program's own image as an archive for `docker load`, sourced by script/release. It is what
# script/releases/Dockerfile says (a test holds them together), written without an engine: so it is
# made for every architecture, and its digest follows from the program alone.

pack_image() {
    arch=${1#linux-}
    folder=$work/image
    mkdir -p "$folder/root/data" "$folder/root/tmp" "$folder/archive"
    cp "$work/$1/playground" "$folder/root/playground"
    layer=$folder/archive/layer.tar
    # The order of the Dockerfile; each with its own owner and mode.
    entry() { gnu_tar --owner="$2" --group="$2" --mode="$3" -C "$folder/root" -rf "$layer" "$1"; }
    entry playground 0 0755
    entry data 65532 0755
    entry tmp 0 1777
    diff_id=$(sha256 "$layer" | cut -c1-64)
    created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null ||
        date -u -r "$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
    cat >"$folder/archive/config.json" <<EOF
{"architecture":"$arch","os":"linux","created":"$created","config":{"User":"65532:65532",
"Env":["EMPTY_ROOM_DATA=/data","EMPTY_ROOM_CACHE=/data/cache","HOME=/data"],
"ExposedPorts":{"4180/tcp":{}},"Entrypoint":["/playground"],"Cmd":["serve","--published"],
"WorkingDir":"/","Labels":{"org.opencontainers.image.title":"Empty Room","org.opencontainers.image.version":"$version"}},
"rootfs":{"type":"layers","diff_ids":["sha256:$diff_id"]},
"history":[{"created":"$created","created_by":"COPY playground /playground"}]}
EOF
    config=$(sha256 "$folder/archive/config.json" | cut -c1-64)
    mv "$folder/archive/config.json" "$folder/archive/$config.json"
    printf '[{"Config":"%s.json","RepoTags":["empty-room:%s"],"Layers":["layer.tar"]}]\n' \
        "$config" "$version" >"$folder/archive/manifest.json"
    gnu_tar -C "$folder/archive" -cf - "$config.json" layer.tar manifest.json |
        gzip -9n >"$work/out/$name-image-$arch.tar.gz"
    rm -rf "$folder"
}
