//! Why something is not in a tree that its code is built of: git ignores it, a submodule would hold it,
//! a build of its own makes it. Pure.

use crate::adopt::gomod::{self, join};
use crate::adopt::hints::Hints;
use crate::adopt::tree::WorkingTree;

/// What is said of it behind a sentence, and what to do.
pub(super) struct Why {
    pub(super) told: String,
    pub(super) next: String,
}

/// Why nothing lies at this path of the tree, where that can be told.
pub(super) fn why(path: &str, tree: &WorkingTree, hints: &Hints) -> Option<Why> {
    if let Some(submodule) = tree.submodule(path) {
        return Some(Why {
            told: format!("; .gitmodules says that {submodule} is a repository of its own"),
            next: "git submodule update --init --recursive, and run adopt again".into(),
        });
    }
    let front = tree.paths().find(|path| path.ends_with("package.json"));
    if let Some(package) = front.filter(|_| !path.ends_with(".go")) {
        return Some(Why {
            told: format!("; {package} says that it comes from a build of its own"),
            next:
                "build that first (its README says how), and run adopt on the tree with its output"
                    .into(),
        });
    }
    let ignored = tree.ignored_by(path)?;
    let next = match hints.names(path) {
        Some(file) => format!("make it as {file} does, and run adopt on the tree with its output"),
        None => {
            "make what the repository's build generates, and run adopt on the tree with its output"
                .into()
        }
    };
    Some(Why {
        told: format!("; {ignored} leaves it out, so a build of the repository's makes it"),
        next,
    })
}

/// Where a package of the tree's own modules would lie.
pub(super) fn folder(package: &str, tree: &WorkingTree) -> Option<String> {
    gomod::modules(tree).iter().find_map(|module| {
        let below = package.strip_prefix(&*module.path)?.strip_prefix('/')?;
        (!module.path.is_empty()).then(|| join(&module.dir, below))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::tree::testing::tree;

    #[test]
    fn what_is_missing_is_told_with_whoever_would_bring_it() {
        let tree = tree(&[
            ("go.mod", "module a.test/m\n"),
            (".gitignore", "gen/\n*.bin\n"),
            (
                ".gitmodules",
                "[submodule \"ui\"]\n\tpath = third/ui\n\turl = https://a.test/ui\n",
            ),
            (
                "Makefile",
                "proto:\n\tprotoc --go_out=internal/gen x.proto\n",
            ),
        ]);
        let hints = Hints::of(&tree);
        let told = |path: &str| why(path, &tree, &hints).map(|why| (why.told, why.next));
        let (what, next) = told("internal/gen").expect("told");
        assert!(
            what.contains(".gitignore leaves it out") && next.contains("Makefile"),
            "{next}"
        );
        let (what, next) = told("third/ui/dist").expect("told");
        assert!(
            what.contains("third/ui") && next.starts_with("git submodule"),
            "{next}"
        );
        assert!(told("data.bin").expect("told").1.contains("generates"));
        assert!(told("other").is_none());
        let at = folder("a.test/m/internal/gen", &tree);
        assert_eq!(at.as_deref(), Some("internal/gen"));
        assert_eq!(folder("b.test/x", &tree), None);
    }
}
