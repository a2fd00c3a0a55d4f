# Runs inside the namespace that debian.sh opens: makes the chroot, adds set after set,
# and seals after each what is new since the last.
. "$1"
. "$here/lib/cache.sh"
part_name=chroot
excluded='^(proc|sys|dev)/|^debs(/|$)|^var/lib/apt/lists/|^var/cache/apt/(.*[.]bin$|archives/)|^etc/(hostname|resolv[.]conf)$'

# What the published image's own layers hold beside packages: apt made to leave nothing.
write_docker_config() {
    cat >"$chroot/etc/apt/apt.conf.d/docker-clean" <<'CONF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
CONF
    echo 'Acquire::GzipIndexes "true";' >"$chroot/etc/apt/apt.conf.d/docker-gzip-indexes"
    echo 'Acquire::Languages "none";' >"$chroot/etc/apt/apt.conf.d/docker-no-languages"
    echo 'Apt::AutoRemove::SuggestsImportant "false";' \
        >"$chroot/etc/apt/apt.conf.d/docker-autoremove-suggests"
    echo force-unsafe-io >"$chroot/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
    printf '#!/bin/sh\nexit 101\n' >"$chroot/usr/sbin/policy-rc.d"
    chmod 755 "$chroot/usr/sbin/policy-rc.d"
    # The same archives as this machine's, for who goes on with apt-get in a container.
    rm -f "$chroot"/etc/apt/sources.list "$chroot"/etc/apt/sources.list.d/*
    while read -r uri archive; do
        case $uri in
            mirror+file:*) uri=$(sed -n '/^[a-z]/{s/[[:space:]].*//p;q}' "${uri#mirror+file:}") ;;
        esac
        printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
            "$uri" "$archive" /usr/share/keyrings/debian-archive-keyring.gpg
    done <"$apt/archives" >"$chroot/etc/apt/sources.list.d/debian.sources"
}

everything() {
    ( cd "$chroot" && find . -mindepth 1 "$@" -printf '%P\n' ) | grep -Ev "$excluded" | LC_ALL=C sort
}

# installed: package=version lines of the chroot.
installed() {
    dpkg-query --admindir="$chroot/var/lib/dpkg" -W -f '${Package}=${Version}\n' | LC_ALL=C sort
}

# What the next layer is compared with.
mark() {
    everything >"$work/before"
    installed >"$work/packages"
    sleep 0.1
    touch "$chroot/debs/.mark"
    sleep 0.1
}

# layer NAME: seals what has changed since mark. Directories above a change come along,
# or the engine would make them up with a mode of its own.
layer() {
    {
        everything -cnewer "$chroot/debs/.mark"
        everything >"$work/after"
        LC_ALL=C comm -23 "$work/before" "$work/after" >"$work/gone"
    } | awk -F/ '{ path = ""; for (i = 1; i <= NF; i++) { path = path (i > 1 ? "/" : "") $i; print path } }' |
        LC_ALL=C sort -u >"$work/list"
    rm -rf "$work/whiteouts"
    mkdir "$work/whiteouts"
    # Only the top of a tree that went away: its absence takes the rest along.
    awk -F/ 'NR == FNR { after[$0]; next }
        { up = $0; if (sub("/[^/]*$", "", up) && !(up in after)) next
          base = $NF; dir = substr($0, 1, length($0) - length(base)); print dir ".wh." base }' \
        "$work/after" "$work/gone" |
        while read -r whiteout; do
            mkdir -p "$work/whiteouts/$(dirname "$whiteout")"
            : >"$work/whiteouts/$whiteout"
            echo "$whiteout"
        done >"$work/whiteout.list"
    tar -C "$chroot" --numeric-owner --no-recursion -cf "$work/diff.tar" -T "$work/list"
    [ ! -s "$work/whiteout.list" ] || tar -C "$work/whiteouts" --numeric-owner --owner=0 \
        --group=0 --no-recursion -rf "$work/diff.tar" -T "$work/whiteout.list"
    installed | LC_ALL=C comm -13 "$work/packages" - >"$work/new-packages"
    seal "$1" $(cat "$work/new-packages") <"$work/diff.tar"
    rm "$work/diff.tar"
    mark
}

# add LAYER PACKAGE...: what `apt-get install` of these adds.
add() {
    name=$1
    shift
    say "golang: installing $(echo "$*" | sed 's/ /, /g')"
    quietly chroot "$chroot" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
        apt-get -y -o Dir::Cache::archives=/debs -o Debug::NoLocking=1 \
        --no-download --no-install-recommends install "$@"
    rm -f "$chroot"/var/cache/apt/*.bin
    layer "$name"
}

[ -z "$in_memory" ] || mount -t tmpfs -o size=2500m,mode=755 empty-room "$chroot"
say "golang: installing Debian bookworm"
lists=$apt/lists base=$apt/base
export lists base
quietly mmdebstrap --mode=root --format=directory --variant=minbase --include=usr-is-merged \
    --architectures="$arch" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --skip=update,essential/unlink,cleanup/apt,chroot/policy-rc.d,chroot/start-stop-daemon \
    --setup-hook='mkdir -p "$1/var/lib/apt/lists" "$1/var/cache/apt/archives"
        cp "$lists"/*Release "$lists"/*Packages "$1/var/lib/apt/lists/"
        cp "$base"/*.deb "$1/var/cache/apt/archives/"' \
    --dpkgopt=force-unsafe-io \
    "$suite" "$chroot" "$apt/sources.list"
rm -f "$chroot"/var/cache/apt/archives/*.deb "$chroot"/var/cache/apt/*.bin \
    "$chroot"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$chroot"/etc/apt/apt.conf.d/99mmdebstrap \
    "$chroot"/etc/hostname "$chroot"/etc/resolv.conf \
    "$chroot"/var/log/*.log "$chroot"/var/log/apt/*
mkdir "$chroot/debs"
write_docker_config
mark
everything >"$work/list"
tar -C "$chroot" --numeric-owner --no-recursion -c -T "$work/list" | seal debian $(installed)

# The rest has been coming in meanwhile.
until [ -f "$apt/more.done" ]; do
    kill -0 "$more" 2>/dev/null || [ -f "$apt/more.done" ] || exit 1
    sleep 0.2
done
if [ -n "$own_mounts" ]; then
    mount --bind "$apt/more" "$chroot/debs"
else
    ln "$apt"/more/*.deb "$chroot/debs/"
fi
mark
add buildpack-curl $curl_set
add buildpack-scm $scm_set
add golang-gcc $gcc_set
