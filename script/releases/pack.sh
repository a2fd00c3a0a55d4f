# Archives of a release, sourced by script/release. Bytes follow from the files alone: entries come
# by name, all have the commit's time, and belong to nobody.

# GNU tar: macOS has it as gtar, where it has it.
gnu_tar() {
    command=tar
    command -v gtar >/dev/null 2>&1 && command=gtar
    "$command" --version 2>/dev/null | grep -q GNU || die "GNU tar is missing." \
        "Only it makes archives in an order that is told." "next: brew install gnu-tar"
    "$command" --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
        --numeric-owner --mode='u+rwX,go+rX,go-w' "$@"
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# Completions and manual pages, by a program that runs here: they are the same for all targets.
tell_of_itself() {
    mkdir -p "$2/completions" "$2/man/man1"
    "$1" completions bash >"$2/completions/playground.bash"
    "$1" completions zsh >"$2/completions/_playground"
    "$1" completions fish >"$2/completions/playground.fish"
    "$1" man "$2/man/man1" >/dev/null
}

# One folder, named by what it is: program, completions, manual, bill of materials.
pack_program() {
    folder=$work/pack/$name-$1
    mkdir -p "$folder"
    cp -R "$work/shared/." "$folder/"
    cp "$work/$1/playground" "$folder/playground"
    gnu_tar -C "$work/pack" -cf - "$name-$1" | gzip -9n >"$work/out/$name-$1.tar.gz"
    rm -rf "$work/pack"
}

# The book as plain files, as the program writes it without an engine and without a checkout.
pack_book() {
    mkdir -p "$work/pack" "$work/data"
    program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
    (cd "$work/pack" && EMPTY_ROOM_DATA=../data "$program" build --out "$name-book") >/dev/null
    gnu_tar -C "$work/pack" -cf - "$name-book" | gzip -9n >"$work/out/$name-book.tar.gz"
    rm -rf "$work/pack" "$work/data"
}
