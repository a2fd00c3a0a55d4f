//! A front end that is made by a build of its own, and that the tree does not hold.
//!
//! Where Go embeds exactly what is missing, its compiler says so. Where it embeds the folder above,
//! or reads files at run time, everything builds and the pages are empty: that is told here.

use crate::adopt::gomod::join;
use crate::adopt::tree::WorkingTree;

/// A folder that git ignores, that a front end's build fills, and that the program is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adopt) struct NotBuilt {
    /// The folder, from the tree's top.
    pub folder: String,
    /// The `package.json` whose build makes it.
    pub package: String,
    /// What says that the program shows it.
    pub seen: String,
}

/// Names of folders that builds of front ends fill.
const OUTPUT: [&str; 8] = [
    "dist", "build", "out", "bundle", "public", "static", "assets", "www",
];

/// The first such folder.
pub(in crate::adopt) fn not_built(tree: &WorkingTree) -> Option<NotBuilt> {
    let packages: Vec<&str> = tree
        .paths()
        .filter(|path| path.ends_with("package.json") && !path.contains("node_modules"))
        .collect();
    if packages.is_empty() {
        return None;
    }
    let embedded = tree.embedded();
    ignored(tree).into_iter().find_map(|folder| {
        if tree.has_dir(&folder) {
            return None;
        }
        let package = nearest(&packages, &folder)?;
        let held = |one: &&String| {
            folder
                .strip_prefix(one.trim_end_matches('/'))
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let seen = match embedded.iter().find(held) {
            Some(above) => format!("{above} is embedded, and would hold it"),
            None => {
                let quoted = tree.go_sources().find(|(path, text)| {
                    folder.contains('/')
                        && !path.contains("testdata")
                        && (text.contains(&format!("\"{folder}"))
                            || text.contains(&format!("={folder}")))
                });
                format!("{} names it", quoted?.0)
            }
        };
        Some(NotBuilt {
            package: package.to_owned(),
            seen,
            folder,
        })
    })
}

/// Folders of that kind that the tree's `.gitignore` files name.
fn ignored(tree: &WorkingTree) -> Vec<String> {
    let files = tree
        .paths()
        .filter(|path| path.rsplit('/').next() == Some(".gitignore"));
    let folders = files.flat_map(|file| {
        let base = file.rsplit_once('/').map_or("", |(base, _)| base);
        let lines = tree.text(file).unwrap_or_default().lines();
        lines.take(400).filter_map(move |line| {
            let path = line.trim().trim_start_matches('/');
            let path = path.trim_end_matches(['/', '*']);
            let name = path.rsplit('/').next().unwrap_or_default();
            let plain = !path.contains(['*', '?', '[', '!', '#', ' ', '\\']);
            let deep = path.contains('/') || !base.is_empty();
            (plain && deep && OUTPUT.contains(&name)).then(|| join(base, path))
        })
    });
    folders.take(64).collect()
}

/// The `package.json` beside a folder, or above it.
fn nearest<'a>(packages: &[&'a str], folder: &str) -> Option<&'a str> {
    let above = packages.iter().filter(|package| {
        let base = package
            .trim_end_matches("package.json")
            .trim_end_matches('/');
        base.is_empty() || folder.starts_with(&format!("{base}/"))
    });
    above.max_by_key(|package| package.len()).copied()
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn a_front_end_that_is_not_in_the_tree_is_told_where_the_program_shows_it() {
        let embeds = (
            "server/e.go",
            "package s\n\nvar (\n\t//go:embed ui\n\tf embed.FS\n)\n",
        );
        let files = [
            (".gitignore", "/server/ui/dist\n*.db\n"),
            ("package.json", "{}"),
            ("server/ui/index.html", ""),
            embeds,
        ];
        let told = not_built(&tree(&files)).expect("told");
        assert_eq!(told.folder, "server/ui/dist");
        assert_eq!(told.package, "package.json");
        let reads = [
            (".gitignore", "/ui/dist/\n"),
            ("ui/package.json", "{}"),
            ("config.go", "package c\n\nconst dir = \"ui/dist\"\n"),
        ];
        assert_eq!(
            not_built(&tree(&reads)).expect("told").package,
            "ui/package.json"
        );
    }

    #[test]
    fn nothing_is_told_of_what_is_there_or_is_nobodys() {
        let there = [
            (".gitignore", "/ui/dist/\n"),
            ("ui/package.json", "{}"),
            ("ui/dist/index.html", ""),
            ("config.go", "package c\n\nconst dir = \"ui/dist\"\n"),
        ];
        assert_eq!(not_built(&tree(&there)), None);
        for less in 0..3 {
            let mut files = vec![
                (".gitignore", "/ui/dist/\n"),
                ("ui/package.json", "{}"),
                ("config.go", "package c\n\nconst dir = \"ui/dist\"\n"),
            ];
            files.remove(less);
            assert_eq!(not_built(&tree(&files)), None, "without {less}");
        }
    }
}
