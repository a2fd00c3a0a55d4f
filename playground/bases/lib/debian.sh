# golang's Debian layers: bookworm itself, and the package sets that the published image
# adds to it, each as the layer that its RUN would make.

curl_set="ca-certificates curl gnupg netbase sq wget"
scm_set="git mercurial openssh-client subversion procps"
gcc_set="g++ gcc libc6-dev make pkg-config"
# usr-is-merged stands for usrmerge, which would drag in perl.
minbase="?or(?essential,?priority(required)) apt usr-is-merged"

debian_layers() { printf '%s\n' debian buildpack-curl buildpack-scm golang-gcc; }

make_debian() {
    say "golang: fetching Debian bookworm's packages"
    get_closure "$apt/base" $minbase
    cp -l "$apt"/base/*.deb "$apt/more/"
    # The other sets come in while the first is installed.
    (
        get_closure "$apt/more" $minbase $curl_set $scm_set $gcc_set
        : >"$apt/more.done"
    ) 9>&- &
    more=$!
    chroot_place
    for name in here work log layers progress apt arch suite chroot in_memory more \
        own_mounts curl_set scm_set gcc_set; do
        eval "printf \"%s='%s'\\n\" $name \"\$$name\""
    done >"$work/settings"
    $enter sh -eu "$here/lib/chroot.sh" "$work/settings" || { kill "$more" 2>/dev/null; exit 1; }
}

# Decides where the chroot lies and how it is entered. dpkg flushes after every file: on
# a disk that is two thirds of the whole time, so where memory is plentiful the chroot
# lives there. A mount namespace of its own leaves no mount behind, whatever happens.
chroot_place() {
    chroot=$work/chroot
    mkdir "$chroot"
    enter=
    own_mounts=
    in_memory=
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || trouble \
            "The golang bases cannot be rebuilt by an ordinary user." \
            "Its packages run their install scripts in a chroot, which only root may enter." \
            "sudo env EMPTY_ROOM_CACHE=$cache $here/rebuild.sh all"
        enter="sudo -n "
    fi
    if ${enter}unshare --mount --propagation private true 2>/dev/null; then
        enter="${enter}unshare --mount --propagation private "
        own_mounts=yes
        memory=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
        [ "$memory" -lt 4000 ] || in_memory=yes
    fi
}
