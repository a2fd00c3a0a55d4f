//! `go.mod` and `go.work`, as far as one must know them before Go's own tool is asked: which modules
//! there are, which Go they want, and which folders they point to.
//!
//! Everything else the Go tool says itself (`facts`).

use super::tree::WorkingTree;
use std::collections::BTreeSet;

/// Modules of a tree that are looked into.
pub(super) const MAX_UNITS: usize = 12;
/// A `go.mod` or `go.work`, in bytes; a larger one is none that Go's tool wrote.
const MAX_TEXT: usize = 1 << 20;

/// What a `go.mod` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GoMod {
    /// Its folder, `""` for the top.
    pub dir: String,
    /// The module's path.
    pub path: String,
    /// The `go` line: the oldest Go that can build it.
    pub go: Option<String>,
    /// The `toolchain` line.
    pub toolchain: Option<String>,
    /// Folders that `replace` lines point to, from the tree's top.
    pub local: Vec<String>,
    /// Folders outside of the tree that `replace` lines point to, as they are written.
    pub outside: Vec<String>,
    /// Modules that it requires, with versions.
    pub requires: Vec<String>,
    /// Whether a workspace holds it.
    pub workspace: bool,
    /// Whether its packages lie in `vendor`.
    pub vendored: bool,
}

impl GoMod {
    /// Its own files that decide which modules are needed.
    pub(super) fn files(&self, tree: &WorkingTree) -> Vec<String> {
        let mut files = BTreeSet::new();
        let mut add = |path: String| {
            if tree.has(&path) {
                files.insert(path);
            }
        };
        for dir in std::iter::once(&self.dir).chain(&self.local) {
            add(join(dir, "go.mod"));
            add(join(dir, "go.sum"));
        }
        if self.workspace {
            add("go.work".into());
            add("go.work.sum".into());
        }
        files.into_iter().collect()
    }

    /// 27 of `go 1.27.3`; `None` where it says nothing.
    pub(super) fn minor(&self) -> Option<u32> {
        minor(self.go.as_deref()?)
    }
}

/// 27 of `1.27.3` or `1.27rc1`.
pub(super) fn minor(version: &str) -> Option<u32> {
    let rest = version.trim().strip_prefix("1.")?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

/// The modules of a tree, the likeliest home of a service first. Those in workspaces know of each
/// other's files.
pub(super) fn modules(tree: &WorkingTree) -> Vec<GoMod> {
    let used: BTreeSet<String> = used(tree).into_iter().collect();
    let dirs = tree.paths().filter_map(|path| match path {
        "go.mod" => Some(""),
        path => path.strip_suffix("/go.mod"),
    });
    let mut modules: Vec<_> = dirs
        .filter(|dir| is_plain(dir) && !aside(dir))
        .filter_map(|dir| {
            let mut module = read(dir, text(tree, &join(dir, "go.mod"))?);
            module.workspace = used.contains(dir);
            module.vendored = tree.has(&join(dir, "vendor/modules.txt"))
                || (module.workspace && tree.has("vendor/modules.txt"));
            Some(module)
        })
        .collect();
    let every: Vec<_> = modules
        .iter()
        .filter(|one| one.workspace)
        .map(|one| one.dir.clone())
        .collect();
    let depth = |dir: &str| match dir {
        "" => 0,
        dir => dir.split('/').count(),
    };
    modules.sort_by_key(|module| (!module.workspace, depth(&module.dir), module.dir.clone()));
    if let Some(root) = modules.iter().position(|module| module.dir.is_empty()) {
        let root = modules.remove(root);
        modules.insert(0, root);
    }
    modules.truncate(MAX_UNITS);
    // Only now: all of each other's would be the square of them.
    for module in modules.iter_mut().filter(|module| module.workspace) {
        module
            .local
            .extend(every.iter().filter(|dir| **dir != module.dir).cloned());
    }
    modules
}

/// Leaves out a `go.work` that names folders without a module: Go would build nothing at all.
pub(super) fn leave_broken_workspace(tree: &mut WorkingTree) {
    let used = used(tree);
    let absent = used.iter().find(|dir| !tree.has(&join(dir, "go.mod")));
    if let Some(absent) = absent.cloned() {
        tree.left_out.push(format!(
            "go.work: it uses {absent}, which has no go.mod here"
        ));
        for name in ["go.work", "go.work.sum"] {
            if tree.entries.remove(name).is_some() {
                tree.ignored.insert(name.to_owned());
            }
        }
    }
}

/// A path of letters that mean the same to Go, to shells and to Dockerfiles.
pub(super) fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| part != "..")
        && !path.starts_with('-')
        && path
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._-+~@".contains(&byte))
}

/// Folders whose modules are no service.
fn aside(dir: &str) -> bool {
    dir.split('/').any(|part| {
        matches!(part, "testdata" | "vendor" | "third_party" | "node_modules")
            || part.starts_with(['_', '.'])
    })
}

/// `dir/name`, where `dir` may be the top.
pub(super) fn join(dir: &str, name: &str) -> String {
    match (dir, name) {
        ("" | ".", name) => name.to_owned(),
        (dir, "") => dir.to_owned(),
        (dir, name) => format!("{dir}/{name}"),
    }
}

fn read(dir: &str, text: &str) -> GoMod {
    let mut module = GoMod {
        dir: dir.to_owned(),
        ..GoMod::default()
    };
    for (verb, words) in lines(text) {
        match (verb, words.as_slice()) {
            ("module", [path, ..]) => module.path = unquoted(path).to_owned(),
            ("go", [version, ..]) => module.go = Some((*version).to_owned()),
            ("toolchain", [version, ..]) => module.toolchain = Some((*version).to_owned()),
            ("require", [path, version, ..]) => {
                module
                    .requires
                    .push(format!("{} {version}", unquoted(path)));
            }
            ("replace", words) => {
                let Some(at) = words.iter().position(|word| *word == "=>") else {
                    continue;
                };
                let target = words.get(at + 1).map(|target| unquoted(target));
                match target.filter(|target| target.starts_with(['.', '/'])) {
                    None => {}
                    Some(target) => match resolve(dir, target) {
                        Some(local) => module.local.push(local),
                        None => module.outside.push(target.to_owned()),
                    },
                }
            }
            _ => {}
        }
    }
    module
}

/// The text of a file of Go's, where it has a bearable size.
fn text<'t>(tree: &'t WorkingTree, path: &str) -> Option<&'t str> {
    tree.text(path).filter(|text| text.len() <= MAX_TEXT)
}

/// The folders that the tree's `go.work` uses.
fn used(tree: &WorkingTree) -> Vec<String> {
    text(tree, "go.work").map(uses).unwrap_or_default()
}

/// The folders that a `go.work` uses, from the tree's top.
fn uses(text: &str) -> Vec<String> {
    let used = lines(text).into_iter().filter(|(verb, _)| *verb == "use");
    used.filter_map(|(_, words)| resolve("", unquoted(words.first()?)))
        .collect()
}

/// The directives of a file, blocks taken apart: verb and words.
fn lines(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut block = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let mut words: Vec<&str> = line.split_whitespace().collect();
        match (block, words.as_slice()) {
            (_, []) => {}
            (Some(_), [")", ..]) => block = None,
            (Some(verb), _) => found.push((verb, words)),
            (None, [verb, "("]) => block = Some(*verb),
            (None, [verb, ..]) => {
                let verb = *verb;
                words.remove(0);
                found.push((verb, words));
            }
        }
    }
    found
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

/// A relative folder from the tree's top; `None` where it leads out.
fn resolve(dir: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn modules_of_a_workspace_know_each_other() {
        let tree = tree(&[
            (
                "go.work",
                "go 1.22\nuse (\n\t./api // the service\n\t./lib\n)\nuse ./tools\n",
            ),
            ("api/go.mod", "module a.test/api\n\ngo 1.22.1\n"),
            ("lib/go.mod", "module a.test/lib\n"),
            ("lib/go.sum", ""),
            ("tools/go.mod", "module a.test/tools\n"),
            ("other/go.mod", "module a.test/other\n"),
            ("_examples/go.mod", "module a.test/e\n"),
        ]);
        let modules = modules(&tree);
        let dirs: Vec<_> = modules.iter().map(|module| module.dir.as_str()).collect();
        assert_eq!(dirs, ["api", "lib", "tools", "other"]);
        assert_eq!(modules[0].minor(), Some(22));
        assert_eq!(
            modules[0].files(&tree),
            [
                "api/go.mod",
                "go.work",
                "lib/go.mod",
                "lib/go.sum",
                "tools/go.mod"
            ]
        );
        assert!(!modules[3].workspace);
    }

    /// Ten thousand modules that all know each other would be a hundred million names.
    #[test]
    fn a_workspace_of_many_modules_is_read_in_bearable_time_and_memory() {
        let dirs: Vec<String> = (0..10_000).map(|n| format!("m{n:05}")).collect();
        let mut work = String::from("go 1.22\n");
        dirs.iter()
            .for_each(|dir| work.push_str(&format!("use ./{dir}\n")));
        let paths: Vec<String> = dirs.iter().map(|dir| format!("{dir}/go.mod")).collect();
        let mut files = vec![("go.work", work.as_str())];
        files.extend(
            paths
                .iter()
                .map(|path| (path.as_str(), "module a.test/m\n")),
        );
        let modules = modules(&tree(&files));
        assert_eq!(modules.len(), MAX_UNITS);
        assert!(modules.iter().all(|module| module.local.len() == 9_999));
        let huge = format!("module a.test/m\n//{}\n", "x".repeat(MAX_TEXT));
        assert!(super::modules(&tree(&[("go.mod", &huge)])).is_empty());
    }

    #[test]
    fn a_workspace_that_lacks_a_module_is_left_out_and_told() {
        let files = [
            ("go.work", "go 1.22\nuse (\n\t.\n\t./cmd/x\n)\n"),
            ("go.mod", "module a.test/m\n"),
        ];
        let mut broken = tree(&files);
        leave_broken_workspace(&mut broken);
        assert!(!broken.has("go.work") && broken.ignored.contains("go.work"));
        assert!(
            broken.left_out[0].contains("cmd/x"),
            "{:?}",
            broken.left_out
        );
        let mut whole = tree(&[files[0], files[1], ("cmd/x/go.mod", "module a.test/m/x\n")]);
        leave_broken_workspace(&mut whole);
        assert!(whole.has("go.work") && whole.left_out.is_empty());
    }

    #[test]
    fn replaced_modules_lie_in_the_tree_or_are_told() {
        let text = "module \"a.test/m\"\ngo 1.21 // old\ntoolchain go1.99.0\nrequire (\n\ta.test/x v1.0.0\n)\n\
                    replace a.test/x v1.0.0 => ../lib\nreplace (\n\ta.test/y => ../../other\n\t\
                    a.test/z => a.test/fork v1.2.3\n)\n";
        let tree = tree(&[("svc/go.mod", text), ("lib/go.mod", "module a.test/x\n")]);
        let module = &modules(&tree)[1];
        assert_eq!((&*module.path, &*module.dir), ("a.test/m", "svc"));
        assert_eq!(module.toolchain.as_deref(), Some("go1.99.0"));
        assert_eq!(module.local, ["lib"]);
        assert_eq!(module.outside, ["../../other"]);
        assert_eq!(module.requires, ["a.test/x v1.0.0"]);
    }

    #[test]
    fn folders_with_names_that_mean_something_to_a_shell_are_no_modules() {
        let tree = tree(&[
            ("a b/go.mod", "module x\n"),
            ("$(touch x)/go.mod", "module x\n"),
            ("-C/go.mod", "module x\n"),
            ("ok-1.2/go.mod", "module x\n"),
        ]);
        let found = modules(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
