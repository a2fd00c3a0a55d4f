# The Alpine stand-in: musl and busybox from Debian, laid out as Alpine lays them out,
# with an apk, adduser and addgroup of our own.

alpine_layers() { printf "$of%s\n" alpine alpine-certificates alpine-gcc; }

make_alpine() {
    say "alpine $alpine_release: fetching musl, busybox, ca-certificates, tzdata"
    get_debs "$work/alpine-debs" musl busybox-static ca-certificates $tzdata
    debs=$work/alpine-debs
    root=$work/alpine
    mkdir -p "$root" "$work/musl" "$work/busybox"
    ( cd "$root" && mkdir -p bin dev etc/apk etc/ssl/certs etc/profile.d home lib/apk/stand-in media \
        mnt opt proc run sbin srv sys tmp usr/bin usr/lib usr/local/bin usr/local/lib \
        usr/local/share usr/sbin usr/share var/cache var/empty var/lib var/local var/log \
        var/mail var/opt var/spool )
    mkdir -m 700 "$root/root"
    mkdir -m 1777 "$root/var/tmp"
    ln -s /run "$root/var/run"
    dpkg-deb --fsys-tarfile "$debs"/musl_*.deb | tar -x -C "$work/musl"
    cp "$work/musl$usr/lib/$musl-linux-musl/libc.so" "$root/lib/ld-musl-$musl.so.1"
    chmod 755 "$root/lib/ld-musl-$musl.so.1"
    ln -s "ld-musl-$musl.so.1" "$root/lib/libc.musl-$musl.so.1"
    dpkg-deb --fsys-tarfile "$debs"/busybox-static_*.deb | tar -x -C "$work/busybox"
    cp "$work/busybox$usr/bin/busybox" "$root/bin/busybox"
    "$root/bin/busybox" --list-full | while read -r applet; do
        # Those would answer for a package database that is not there.
        case $applet in bin/busybox | */dpkg | */dpkg-deb | */rpm | */rpm2cpio) continue ;; esac
        mkdir -p "$root/$(dirname "$applet")"
        [ -e "$root/$applet" ] || ln -s /bin/busybox "$root/$applet"
    done
    alpine_etc
    for tool in apk adduser addgroup; do
        rm -f "$root/sbin/$tool" "$root/usr/sbin/$tool"
    done
    install -m 755 "$here/alpine/apk" "$root/sbin/apk"
    install -m 755 "$here/alpine/adduser" "$root/usr/sbin/adduser"
    install -m 755 "$here/alpine/addgroup" "$root/usr/sbin/addgroup"
    ca_bundle "$debs"/ca-certificates_*.deb "$root/etc/ssl/certs/ca-certificates.crt"
    ln -s certs/ca-certificates.crt "$root/etc/ssl/cert.pem"
    alpine_served
    chmod 1777 "$root/tmp"
    have "${of}alpine" || rootfs "$root" | seal "${of}alpine" $(versions "$debs")
    alpine_certificates
    case " $wanted " in *" ${of}alpine-gcc "*) have "${of}alpine-gcc" || make_alpine_gcc ;; esac
}

alpine_etc() {
    ( cd "$root/etc"
        echo "$alpine_release" >alpine-release
        cat >os-release <<FILE
NAME="Alpine Linux"
ID=alpine
VERSION_ID=$alpine_release
PRETTY_NAME="Alpine Linux v$alpine_release stand-in (musl and busybox from Debian packages)"
FILE
        cat >passwd <<'FILE'
root:x:0:0:root:/root:/bin/sh
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
mail:x:8:12:mail:/var/mail:/sbin/nologin
ftp:x:21:21::/var/lib/ftp:/sbin/nologin
sshd:x:22:22:sshd:/dev/null:/sbin/nologin
games:x:35:35:games:/usr/games:/sbin/nologin
ntp:x:123:123:NTP:/var/empty:/sbin/nologin
guest:x:405:100:guest:/dev/null:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
FILE
        sed 's/:.*/:*::0:::::/' passwd >shadow
        chmod 640 shadow
        cat >group <<'FILE'
root:x:0:root
bin:x:1:root,bin,daemon
daemon:x:2:root,bin,daemon
sys:x:3:root,bin
adm:x:4:root,daemon
tty:x:5:
disk:x:6:root
mail:x:12:mail
wheel:x:10:root
ftp:x:21:
sshd:x:22:
games:x:35:
users:x:100:games
ntp:x:123:
nogroup:x:65533:
nobody:x:65534:
FILE
        echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' >profile
        echo 'hosts: files dns' >nsswitch.conf
        printf '127.0.0.1\tlocalhost localhost.localdomain\n::1\tlocalhost localhost.localdomain\n' >hosts
        printf '/bin/sh\n/bin/ash\n' >shells
        echo 'Empty Room: this is a stand-in for Alpine, rebuilt from Debian packages.' >motd
        : >apk/world
    )
}

# The archives that apk serves in every Alpine base.
alpine_served() {
    served=$root/lib/apk/stand-in
    certificates=$work/served-certificates
    mkdir -p "$certificates/etc/ca-certificates/update.d" "$certificates/usr/sbin" \
        "$certificates/usr/local/share/ca-certificates"
    dpkg-deb --fsys-tarfile "$debs"/ca-certificates_*.deb |
        tar -x -C "$certificates" ./usr/share/ca-certificates
    install -m 755 "$here/alpine/update-ca-certificates" "$certificates/usr/sbin/"
    serve "$debs"/ca-certificates_*.deb "$certificates" ca-certificates
    zones=$work/served-tzdata
    mkdir -p "$zones"
    for package in $tzdata; do
        dpkg-deb --fsys-tarfile "$debs/${package}"_*.deb | tar -x -C "$zones" ./usr/share/zoneinfo
    done
    rm -rf "$zones/usr/share/zoneinfo/posix"
    serve "$debs"/tzdata_*.deb "$zones" tzdata
}

# serve DEB DIRECTORY NAME: one archive and the line that apk knows it by.
serve() {
    rootfs "$2" | gzip -6n >"$served/$3.tar.gz"
    echo "$3 $(dpkg-deb --field "$1" Version)" >>"$served/index"
}

# golang's Alpine image is Alpine after `apk add ca-certificates`: the same archive,
# unpacked as apk would.
alpine_certificates() {
    cp "$root/lib/apk/stand-in/index" "$work/index"
    echo ca-certificates >"$root/etc/apk/world"
    mkdir -p "$work/served-certificates/etc/apk"
    cp "$root/etc/apk/world" "$work/served-certificates/etc/apk/world"
    have "${of}alpine-certificates" || rootfs "$work/served-certificates" |
        seal "${of}alpine-certificates" "$(dpkg-deb --show --showformat='${Package}=${Version}' "$debs"/ca-certificates_*.deb)"
}

# A gcc that speaks musl, for golang's Alpine image: Debian's gcc with what it needs of
# glibc to run itself, pruned to C, and musl's specs in the place where gcc looks for its
# own. As published, no compiler is there before `apk add gcc musl-dev`.
make_alpine_gcc() {
    say "golang-alpine $alpine_release: fetching gcc and musl's headers"
    get_debs "$work/gcc-debs" $gcc_packages "libgcc-$gcc_release-dev" binutils libbinutils \
        "binutils-$(echo "$triplet" | tr _ -)" libctf0 libjansson4 libgmp10 libmpfr6 libmpc3 \
        libisl23 zlib1g libzstd1 libc6 musl-dev
    gcc=$work/gcc
    dev=$work/musl-dev
    mkdir -p "$gcc" "$dev"
    for deb in "$work"/gcc-debs/*.deb; do
        case $deb in
            */musl-dev_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dev" ;;
            *) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$gcc" ;;
        esac
    done
    rm -rf "$dev/usr/share" "$dev/usr/bin"
    mkdir "$gcc/tools"
    # Where one suite has all of the compiler, the other has its programs beside it.
    lib=usr/lib/gcc/$triplet/$gcc_release
    programs=usr/libexec/gcc/$triplet/$gcc_release
    # glibc's loader is asked for by a path without /usr, which is no link here.
    [ -z "$usr" ] || ( cd "$gcc"
        for loader in usr/lib*/ld-linux-*; do
            mkdir -p "$(dirname "${loader#usr/}")"
            ln -s "/$loader" "${loader#usr/}"
        done )
    ( cd "$gcc"
        # Whatever only other languages, sanitizers, link-time optimisation or a reader of
        # manuals needs.
        for tool in gcc-$gcc_release cpp-$gcc_release as ld.bfd ar ranlib nm objdump objcopy readelf strip; do
            mv "usr/bin/$triplet-$tool" tools/
        done
        rm -rf usr/bin usr/share etc "$lib/plugin" "$lib/lto1" "$lib/g++-mapper-server" "$programs/lto1" \
            "$lib"/*san*.[ao] "$lib"/libgomp* "$lib"/libitm* "$lib"/libquadmath* "$lib"/libcaf* \
            "usr/lib/$triplet/gconv" "usr/lib/$triplet/bfd-plugins" usr/lib/locale
        mv tools usr/bin
        cd usr/bin
        for tool in as ar ranlib nm objdump objcopy readelf strip; do ln -s "$triplet-$tool" "$tool"; done
        ln -s "$triplet-ld.bfd" ld
        ln -s "$triplet-ld.bfd" "$triplet-ld" )
    # The compiler behind these names builds for musl, as Alpine's does.
    mv "$dev/usr/lib/$musl-linux-musl/musl-gcc.specs" "$gcc/$lib/musl.specs"
    for tool in gcc cpp; do
        printf '#!/bin/sh\nexec /usr/bin/%s -specs=/%s "$@"\n' "$triplet-$tool-$gcc_release" "$lib/musl.specs" \
            >"$gcc/usr/bin/$tool"
        chmod 755 "$gcc/usr/bin/$tool"
    done
    ln -s gcc "$gcc/usr/bin/cc"
    ln -s "/lib/ld-musl-$musl.so.1" "$dev/usr/lib/$musl-linux-musl/libc.so"
    echo "gcc closure: $(du -sh "$gcc" | cut -f1), musl-dev: $(du -sh "$dev" | cut -f1)" >>"$log"
    root=$work/alpine-gcc
    served=$root/lib/apk/stand-in
    mkdir -p "$served"
    cp "$work/index" "$served/index"
    serve "$work/gcc-debs/gcc-$gcc_release"[-_]*.deb "$gcc" gcc
    serve "$work"/gcc-debs/musl-dev_*.deb "$dev" musl-dev
    rootfs "$root" | seal "${of}alpine-gcc" $(versions "$work/gcc-debs")
}
