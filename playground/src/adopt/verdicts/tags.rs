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

/// Whether it is one tag, and no system's or compiler's.
fn custom(tag: &str) -> bool {
    let known = [
        "linux", "windows", "darwin", "cgo", "ignore", "unix", "race", "js",
    ];
    tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !known.contains(&tag)
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
}
