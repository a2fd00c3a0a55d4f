# Getting packages: with a private apt directory, so that the machine's own package
# state is only read, never changed; and with the machine's own way to the network
# (mirror, proxy, credentials, certificates).

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# of_suite SUITE: which Debian packages come from, and what is made of that suite's. Alpine's
# version is one that has this suite's musl and busybox, or is nearest to it.
of_suite() {
    suite=$1
    case $suite in
        bookworm)
            of='' usr='' debian_release=12 alpine_release=3.20 tzdata=tzdata libssl=libssl3
            gcc_release=12 gcc_packages="gcc-12 cpp-12 libctf-nobfd0"
            ;;
        trixie)
            # /bin and /lib are links here, and the packages know nothing but /usr.
            of=trixie- usr=/usr debian_release=13 alpine_release=3.23
            tzdata="tzdata tzdata-legacy" libssl="libssl3t64 libzstd1 zlib1g"
            dashed=$(echo "${triplet:-}" | tr _ -)
            gcc_release=14 gcc_packages="gcc-14-$dashed cpp-14-$dashed libsframe1"
            ;;
    esac
}

# need_tools PART...: installs what these parts use and the machine lacks.
need_tools() {
    lack=
    for part in "$@"; do
        case $part in
            debian) command -v mmdebstrap >/dev/null || lack="$lack mmdebstrap" ;;
            go) python3 -m pip --version >/dev/null 2>&1 || lack="$lack python3-pip" ;;
        esac
    done
    [ -e "$keyring" ] || lack="$lack debian-archive-keyring"
    [ -n "$lack" ] || return 0
    say "installing the tools for it:$lack"
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null || trouble \
            "The bases cannot be rebuilt yet." \
            "These packages are missing, and only root may install them:$lack" \
            "sudo apt-get install --no-install-recommends$lack"
        root="sudo -n"
    fi
    set -- $root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600
    "$@" install -y --no-install-recommends $lack >>"$log" 2>&1 </dev/null || {
        quietly "$@" update
        quietly "$@" install -y --no-install-recommends $lack
    }
}

# `URI SUITE` of Debian's own archives among the machine's sources, whatever form they are
# written in, and also where no list has been fetched yet.
debian_archives() {
    sources=$(apt-get update --print-uris -o Debug::NoLocking=1 2>/dev/null |
        sed -n "s|^'\(.*\)/dists/\([^/']*\)/InRelease'.*|\1 \2|p")
    # Third parties name their suites like Debian's, but they cannot sign like Debian.
    mains=$(echo "$sources" | awk '$1 !~ /^cdrom:/ && !seen[$1]++ &&
        $2 ~ /^(bullseye|bookworm|trixie|forky|oldstable|stable|testing|unstable|sid)$/ { print $1 }')
    securities=$(echo "$sources" | awk '$2 ~ /-security$/ && !seen[$1]++ { print $1 }')
    main=$(signed_by_debian "$suite" $mains)
    [ -n "$main" ] || return 0
    echo "$main $suite"
    echo "$main $suite-updates"
    security=$(signed_by_debian "$suite-security" $securities)
    [ -z "$security" ] || echo "$security $suite-security"
}

# signed_by_debian SUITE URI...: the first that has the suite under Debian's signature.
signed_by_debian() {
    wanted_suite=$1
    shift
    if [ $# = 1 ]; then
        # Nothing to choose from: the fetch itself will tell.
        echo "$1"
        return
    fi
    for uri in "$@"; do
        echo "deb [signed-by=$keyring] $uri $wanted_suite main" >"$apt/sources.list"
        if APT_CONFIG=$apt/apt.conf apt-get update --error-on=any \
            -o Acquire::IndexTargets::deb::Packages::DefaultEnabled=false >>"$log" 2>&1; then
            echo "$uri"
            return
        fi
    done
}

fetch_lists() {
    part_name=lists
    apt=$work/apt
    mkdir -p "$apt/lists/partial" "$apt/base/partial" "$apt/more/partial" "$apt/none"
    : >"$apt/status"
    # Of the machine's settings only those for fetching: a hook meant for the machine's
    # own packages must not run for ours.
    apt-config dump | grep '^Acquire::' |
        grep -v -e IndexTargets -e Languages -e GzipIndexes >"$apt/apt.conf" || :
    cat >>"$apt/apt.conf" <<CONF
Dir::Etc::Main "/dev/null";
Dir::Etc::Parts "$apt/none";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/base";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
    say "fetching Debian $suite's package lists"
    debian_archives >"$apt/archives"
    [ -s "$apt/archives" ] || trouble "The bases cannot be rebuilt on this machine." \
        "apt knows no Debian archive here; the recipe takes Debian's packages." \
        "Connect to a network that reaches the registry, then: playground bases pull"
    sed "s|^|deb [signed-by=$keyring] |; s|\$| main|" "$apt/archives" >"$apt/sources.list"
    quietly env APT_CONFIG="$apt/apt.conf" apt-get update --error-on=any
}

# get_debs DIRECTORY PACKAGE...: these packages alone, without what they depend on.
get_debs() {
    mkdir -p "$1"
    debs=$1
    shift
    cd "$debs"
    quietly env APT_CONFIG="$apt/apt.conf" apt-get download "$@"
    cd "$here"
}

# get_closure DIRECTORY PACKAGE...: with all that an empty system needs to install them.
get_closure() {
    closure=$1
    shift
    quietly env APT_CONFIG="$apt/apt.conf" apt-get -y -o "Dir::Cache::archives=$closure" \
        --download-only install "$@"
}

# package=version of every .deb in a directory.
versions() {
    for deb in "$1"/*.deb; do dpkg-deb --show --showformat='${Package}=${Version}\n' "$deb"; done
}
