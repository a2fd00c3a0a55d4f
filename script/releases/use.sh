# The program of a release that is at hand, sourced by script/server.

# Prints the program's path, unpacked and verified; nothing where there is no release for this
# machine. One that is damaged is never taken for none: that would hide what happened to it.
released_program() {
    # One that lies in the checkout is of the same version, or none of its business.
    version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
    case ${EMPTY_ROOM_RELEASE:-} in
    '') folder=release archive= ;;
    *.tar.gz) folder=$(dirname "$EMPTY_ROOM_RELEASE") archive=$(basename "$EMPTY_ROOM_RELEASE") ;;
    *) folder=$EMPTY_ROOM_RELEASE archive= ;;
    esac
    if [ -z "$archive" ]; then
        [ -z "${EMPTY_ROOM_RELEASE:-}" ] || version='*'
        for file in "$folder"/empty-room-$version-"$(target_of_this_machine)".tar.gz; do
            [ -e "$file" ] && archive=$(basename "$file")
        done
    fi
    if [ -z "$archive" ]; then
        [ -z "${EMPTY_ROOM_RELEASE:-}" ] || die "There is no release for this machine in $EMPTY_ROOM_RELEASE." \
            "It would be called empty-room-VERSION-$(target_of_this_machine).tar.gz." \
            "next: put it there, or unset EMPTY_ROOM_RELEASE to compile."
        return 0
    fi
    [ -r "$folder/$archive" ] || die "The release $folder/$archive is not there." \
        "EMPTY_ROOM_RELEASE names it." "next: correct it, or unset it to compile."
    wanted=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$archive\$/\1/p" "$folder/SHA256SUMS" 2>/dev/null || true)
    [ -n "$wanted" ] || die "The release $folder/$archive cannot be verified." \
        "There is no SHA256SUMS beside it that names it." \
        "next: put SHA256SUMS of the same release there."
    have=$( (sha256sum "$folder/$archive" 2>/dev/null || shasum -a 256 "$folder/$archive") | cut -c1-64)
    [ "$have" = "$wanted" ] || die "The release $folder/$archive is damaged." \
        "Its SHA-256 is $have; SHA256SUMS says $wanted." "next: fetch or copy it again."
    # Named by what was verified: another release is unpacked beside it.
    unpacked=target/released/$have
    if ! [ -x "$unpacked/playground" ]; then
        rm -rf "$unpacked" "$unpacked.new"
        mkdir -p "$unpacked.new"
        tar -xzf "$folder/$archive" -C "$unpacked.new" --strip-components 1 || die \
            "The release $folder/$archive cannot be unpacked." "next: see what tar said above."
        mv "$unpacked.new" "$unpacked"
    fi
    say "Using the release $archive; its checksum is right, nothing is compiled."
    echo "$unpacked/playground"
}

target_of_this_machine() {
    case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) arch=$(uname -m) ;;
    esac
    echo "$(uname -s | tr '[:upper:]' '[:lower:]')-$arch"
}
