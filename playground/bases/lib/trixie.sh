# Distroless and Alpine of today, from trixie's packages: the same parts as of bookworm's,
# in a work directory of their own, under names of their own.

trixie_layers() (
    of_suite trixie
    alpine_layers
    distroless_layers
)

make_trixie() {
    of_suite trixie
    work=$work/trixie
    mkdir "$work"
    fetch_lists
    case " $wanted" in *" trixie-distroless"*) make_distroless ;; esac
    case " $wanted" in *" trixie-alpine"*) make_alpine ;; esac
}
