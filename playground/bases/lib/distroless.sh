# Distroless static: the data of four packages (of trixie's five), laid down without running any of their
# scripts (as the published image does), and a handful of files. Distroless base is the
# same with the C library and OpenSSL's libraries, without its command.

# Each makes a layer of its own; the last layer, distroless-root, is the rest.
distroless_packages() { echo base-files netbase $tzdata media-types libc6 $libssl; }
distroless_layers() { printf "${of}distroless-%s\n" $(distroless_packages) root; }

make_distroless() {
    say "distroless debian$debian_release: fetching ca-certificates $(distroless_packages)"
    get_debs "$work/distroless" ca-certificates $(distroless_packages)
    for package in $(distroless_packages); do
        distroless_package "$package"
    done
    distroless_root
}

distroless_package() {
    deb=$(echo "$work/distroless/$1"_*.deb)
    root=$work/distroless-$1
    status=$root/var/lib/dpkg/status.d
    mkdir -p "$status"
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root"
    dpkg-deb --field "$deb" >"$status/$1"
    dpkg-deb --info "$deb" md5sums >"$status/$1.md5sums" 2>/dev/null || rm -f "$status/$1.md5sums"
    # /tmp and the homes are the last layer's.
    rm -rf "$root/tmp" "$root/root" "$root/home"
    rootfs "$root" | seal "${of}distroless-$1" $(dpkg-deb --show --showformat='${Package}=${Version}' "$deb")
}

distroless_root() {
    deb=$(echo "$work"/distroless/ca-certificates_*.deb)
    root=$work/distroless-root
    mkdir -p "$root/etc/ssl/certs" "$root/usr/lib" "$root/tmp" "$root/root" "$root/home/nonroot" \
        "$root/usr/share/doc/ca-certificates" "$root/var/lib/dpkg/status.d"
    ca_bundle "$deb" "$root/etc/ssl/certs/ca-certificates.crt"
    dpkg-deb --fsys-tarfile "$deb" |
        tar -x -C "$root" ./usr/share/doc/ca-certificates/copyright
    dpkg-deb --field "$deb" >"$root/var/lib/dpkg/status.d/ca-certificates"
    cat >"$root/etc/passwd" <<'FILE'
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
FILE
    cat >"$root/etc/group" <<'FILE'
root:x:0:
nobody:x:65534:
tty:x:5:
staff:x:50:
nonroot:x:65532:
FILE
    cat >"$root/etc/nsswitch.conf" <<'FILE'
passwd:         compat
group:          compat
shadow:         compat
gshadow:        files

hosts:          files dns
networks:       files

protocols:      db files
services:       db files
ethers:         db files
rpc:            db files

netgroup:       nis
FILE
    cat >"$root/usr/lib/os-release" <<FILE
PRETTY_NAME="Distroless (rebuilt from Debian packages)"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="$debian_release"
VERSION="Debian GNU/Linux $debian_release ($suite)"
FILE
    chmod 700 "$root/root" "$root/home/nonroot"
    chmod 1777 "$root/tmp"
    {
        # Two owners in one tar, without being root: two tars, the first without its end.
        rootfs "$root" --exclude=./home/nonroot >"$work/two-owners.tar"
        tar -C "$root" --numeric-owner --owner=65532 --group=65532 --mtime=@1700000000 \
            --no-recursion -rf "$work/two-owners.tar" ./home/nonroot
        cat "$work/two-owners.tar"
    } | seal "${of}distroless-root" $(dpkg-deb --show --showformat='${Package}=${Version}' "$deb")
}

# rootfs DIRECTORY [TAR OPTION...]: its content as a layer that root owns.
rootfs() {
    from=$1
    shift
    ( cd "$from" && find . -mindepth 1 -maxdepth 1 | LC_ALL=C sort ) |
        tar -C "$from" --numeric-owner --owner=0 --group=0 --sort=name \
            --mtime=@1700000000 --clamp-mtime "$@" -c -T -
}

# ca_bundle DEB FILE: Mozilla's certificates, one after another; none of this machine's own.
ca_bundle() {
    mkdir -p "$work/ca"
    dpkg-deb --fsys-tarfile "$1" | tar -x -C "$work/ca" ./usr/share/ca-certificates
    LC_ALL=C sh -c 'cat "$0"/usr/share/ca-certificates/mozilla/*.crt' "$work/ca" >"$2"
}
