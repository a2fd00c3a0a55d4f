# Getting packages: with a private apt directory, so that the machine's own package
# state is only read, never changed; and with the machine's own way to the network
# (mirror, proxy, credentials, certificates).

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
suite=bookworm

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
    part_name=tools
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

# `URI SUITE` of Debian's own archives among the machine's sources; third parties' are
# left out, and so is a suite of the same name that is not signed with Debian's key,
# because apt is told below to accept no other.
debian_archives() {
    apt-get indextargets --format '$(CREATED_BY)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)' |
        awk -F'|' -v suite="$suite" '
            $1 != "Packages" || $2 != "main" || $4 ~ /^cdrom:/ { next }
            $3 ~ /^(bookworm|trixie|forky|bullseye|stable|oldstable|testing|sid|unstable)$/ && !main {
                main = $4 }
            $3 ~ /-security$/ && !security { security = $4 }
            END {
                if (main) { print main, suite; print main, suite "-updates" }
                if (security) print security, suite "-security"
            }'
}

fetch_lists() {
    part_name=lists
    apt=$work/apt
    mkdir -p "$apt/lists/partial" "$apt/base/partial" "$apt/more/partial" "$apt/none"
    : >"$apt/status"
    debian_archives >"$apt/archives"
    [ -s "$apt/archives" ] || trouble "The bases cannot be rebuilt on this machine." \
        "apt knows no Debian archive here; the recipe takes Debian's packages." \
        "Connect to a network that reaches the registry, then: playground bases pull"
    sed "s|^|deb [signed-by=$keyring] |; s|\$| main|" "$apt/archives" >"$apt/sources.list"
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
    say "fetching Debian's package lists"
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
