# Which engines there are, what each is made of and how it is started. Sourced by script/engine.
#
# A recipe prints what is built, a line each: `module NAME VERSION`, then `program PACKAGE`, with
# `tags T,…`, `set VARIABLE=VALUE` (a string that the linker sets) and `cgo` where they are needed.
# Its text names the folder in the cache: another version, another flag is another folder.

engine_names() { echo debian docker-28 modern podman-4 podman-5; }

# Each engine's part of 10.0.0.0/8, and its two letters: names of network devices are short.
subnet_of() {
    case $1 in
    debian) echo 10.230 ;;
    docker-28) echo 10.231 ;;
    modern) echo 10.232 ;;
    podman-4) echo 10.233 ;;
    podman-5) echo 10.234 ;;
    esac
}

# Packages of Debian that it needs, for its build or to run.
packages_of() {
    echo iproute2 iptables ca-certificates
    case $1 in
    debian) echo docker.io ;;
    # docker.io has docker-init, and the CLI.
    docker-28 | modern) echo docker.io gcc libc6-dev libseccomp-dev pkg-config ;;
    podman-4) echo podman crun ;;
    podman-5) echo podman crun netavark aardvark-dns gcc libc6-dev libseccomp-dev pkg-config ;;
    esac
}

recipe_of() {
    case $1 in
    docker-28)
        cat <<'LINES'
module github.com/docker/docker v28.5.2+incompatible
program github.com/docker/docker/cmd/dockerd tags exclude_graphdriver_btrfs,exclude_graphdriver_zfs set github.com/docker/docker/dockerversion.Version=28.5.2
program github.com/docker/docker/cmd/docker-proxy
module github.com/containerd/containerd/v2 v2.1.4
program github.com/containerd/containerd/v2/cmd/containerd tags no_btrfs
program github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2
module github.com/opencontainers/runc v1.3.3
program github.com/opencontainers/runc cgo tags seccomp
LINES
        ;;
    modern)
        # A library's build does not know its version: untold, no condition of a lab would fit it.
        cat <<'LINES'
module github.com/moby/moby/v2 v2.0.0-beta.24
program github.com/moby/moby/v2/cmd/dockerd tags exclude_graphdriver_btrfs,exclude_graphdriver_zfs set github.com/moby/moby/v2/dockerversion.Version=30.0.0-dev
program github.com/moby/moby/v2/cmd/docker-proxy
module github.com/containerd/containerd/v2 v2.4.2
program github.com/containerd/containerd/v2/cmd/containerd tags no_btrfs
program github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2
module github.com/opencontainers/runc v1.5.3
program github.com/opencontainers/runc cgo tags seccomp
LINES
        ;;
    podman-5)
        cat <<'LINES'
module github.com/containers/podman/v5 v5.8.0
program github.com/containers/podman/v5/cmd/podman cgo tags containers_image_openpgp,exclude_graphdriver_btrfs,seccomp
LINES
        ;;
    esac
}

start_programs() {
    case $name in
    debian) start_docker ;;
    docker-28 | modern) start_containerd && start_docker --containerd "$dir/containerd.sock" ;;
    podman-*) start_podman ;;
    esac
}
