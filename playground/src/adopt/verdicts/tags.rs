//! Tags of a repository's own for building without what it generates. Pure.

use super::{EMBED, pattern};
use crate::adopt::tree::WorkingTree;
use regex::Regex;
use std::sync::LazyLock;

static UNDEFINED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\bundefined: (?:\w+\.)?([A-Za-z_]\w*)"));

/// A tag of the repository's own for building without what it generates: what the compiler misses
/// is defined in a file behind it.
pub(super) fn defined_by_tag(said: &str, tree: &WorkingTree) -> Option<(String, String)> {
    let missing = UNDEFINED
        .captures_iter(said)
        .map(|found| found[1].to_owned());
    let missing: Vec<String> = missing.take(8).collect();
    tree.go_sources().find_map(|(file, text)| {
        let tag = constraint(text).filter(|tag| custom(tag))?;
        if file.contains("vendor/") {
            return None;
        }
        let defines = missing.iter().any(|name| {
            ["func ", "var ", "const ", "type ", "\t"]
                .iter()
                .any(|word| text.contains(&format!("\n{word}{name}")))
        });
        defines.then(|| (tag.to_owned(), file.to_owned()))
    })
}

/// A tag of the repository's own that leaves out the file whose embedded files are missing, and the
/// file that stands in for it then.
pub(super) fn without_embed(said: &str, tree: &WorkingTree) -> Option<(String, String)> {
    let file = EMBED.captures(said)?.get(1)?.as_str();
    let folder = |path: &str| {
        path.rsplit_once('/')
            .map_or(String::new(), |(dir, _)| dir.to_owned())
    };
    let ours = |path: &str| path == file || path.ends_with(&format!("/{file}"));
    let (path, text) = tree.go_sources().find(|(path, _)| ours(path))?;
    let tag = constraint(text)?
        .strip_prefix('!')
        .filter(|tag| custom(tag))?;
    let mut beside = tree
        .go_sources()
        .filter(|(one, _)| folder(one) == folder(path));
    let (stand_in, _) = beside.find(|(_, text)| constraint(text) == Some(tag))?;
    Some((tag.to_owned(), stand_in.to_owned()))
}

/// What a file's build constraint says.
fn constraint(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    lines
        .find_map(|line| line.strip_prefix("//go:build "))
        .map(str::trim)
}

/// Systems and processors as Go names them, also those of once and of some day.
const SYSTEMS: &str = "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 \
                       solaris wasip1 windows zos unix";
const PROCESSORS: &str = "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le \
                          mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm";
/// What else Go itself sets, and what is never to be built.
const GOS: &str = "cgo gc gccgo race msan asan boringcrypto compiler_bootstrap ignore";

/// Whether it is one tag, and none of a system, a processor or Go's own.
pub(in crate::adopt) fn custom(tag: &str) -> bool {
    let known = [SYSTEMS, PROCESSORS, GOS];
    let mut known = known.iter().flat_map(|words| words.split_whitespace());
    // A dot is only in Go's own: go1.21, amd64.v3, goexperiment.x.
    let one = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    one && !tag.is_empty() && known.all(|word| word != tag)
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn a_tag_that_leaves_out_what_is_not_there_is_found() {
        let said = "web/front/embed.go:11:12: pattern dist: no matching files found";
        let embed = (
            "web/front/embed.go",
            "//go:build !noweb\n\npackage front\n\n//go:embed dist\nvar f embed.FS\n",
        );
        let stub = ("web/front/stub.go", "//go:build noweb\n\npackage front\n");
        let found = without_embed(said, &tree(&[embed, stub]));
        let wanted = ("noweb".to_owned(), "web/front/stub.go".to_owned());
        assert_eq!(found, Some(wanted));
        // Where nothing stands in for it, the package would be gone.
        assert_eq!(without_embed(said, &tree(&[embed])), None);
        let system = (embed.0, "//go:build !windows\n\npackage front\n");
        assert_eq!(without_embed(said, &tree(&[system, stub])), None);
    }

    #[test]
    fn what_go_sets_itself_is_no_tag_of_a_repositorys() {
        let said = "a.go:7:2: undefined: oops";
        for tag in [
            "amd64", "freebsd", "gc", "race", "go1.24", "386", "a && b", "!cgo", "",
        ] {
            let text = format!("//go:build {tag}\n\npackage a\n\nfunc oops() {{}}\n");
            assert_eq!(
                defined_by_tag(said, &tree(&[("b.go", &text)])),
                None,
                "{tag}"
            );
        }
        let text = "//go:build stub\n\npackage a\n\nfunc oops() {}\n";
        assert!(defined_by_tag(said, &tree(&[("b.go", text)])).is_some());
    }
}
