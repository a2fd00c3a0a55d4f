//! Imports go one way: between the folders of each crate, and inside of catalog.

use super::modules::{Imports, imports};
use super::{crates, root};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The first circle that is found, as the modules on it.
fn circle(graph: &Imports) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph
        .keys()
        .find_map(|start| walk(graph, start, &mut Vec::new(), &mut done))
}

fn walk(
    graph: &Imports,
    module: &str,
    way: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(at) = way.iter().position(|one| one == module) {
        return Some(way[at..].to_vec());
    }
    if !done.contains(module) {
        way.push(module.to_owned());
        for next in graph.get(module).into_iter().flatten() {
            if let Some(found) = walk(graph, next, way, done) {
                return Some(found);
            }
        }
        way.pop();
        done.insert(module.to_owned());
    }
    None
}

/// The same imports between top-level modules only.
fn folders(files: &Imports) -> Imports {
    let top = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let mut graph: Imports = BTreeMap::new();
    for (module, targets) in files.iter().filter(|(module, _)| !module.is_empty()) {
        let others = targets
            .iter()
            .map(|target| top(target))
            .filter(|other| *other != top(module));
        graph.entry(top(module)).or_default().extend(others);
    }
    graph
}

#[test]
fn no_folder_of_a_crate_imports_itself_by_way_of_others() {
    for (name, src) in crates() {
        let graph = folders(&imports(&src));
        assert!(graph.len() > 1, "{name} has modules");
        assert_eq!(
            circle(&graph),
            None,
            "a circle of imports in {name}: {graph:#?}"
        );
    }
}

#[test]
fn no_file_of_catalog_imports_itself_by_way_of_others() {
    let src = root().join("playground/crates/catalog/src");
    let graph = imports(&src);
    assert!(
        graph.values().any(|targets| !targets.is_empty()),
        "imports are found"
    );
    assert_eq!(circle(&graph), None, "{graph:#?}");
}

/// The list in the crate's documentation is the order of its modules, the lowest first.
#[test]
fn modules_of_the_playground_use_only_those_listed_above_them() {
    let src = root().join("playground/src");
    let lib = std::fs::read_to_string(src.join("lib.rs")).expect("lib.rs");
    let names = lib.lines().filter_map(|line| line.strip_prefix("//! - "));
    let order: Vec<_> = names
        .filter_map(|line| line.trim_start_matches(['[', '`']).split('`').next())
        .collect();
    for (module, targets) in folders(&imports(&src)) {
        let place = |name: &str| order.iter().position(|one| *one == name);
        let own = place(&module).or(Some(order.len()).filter(|_| module == "main"));
        assert!(own.is_some(), "lib.rs does not list {module}");
        let below: Vec<_> = targets
            .iter()
            .filter(|target| place(target) > own)
            .collect();
        assert!(
            below.is_empty(),
            "{module} uses {below:?}, which lib.rs lists below it"
        );
    }
}

#[test]
fn a_circle_would_be_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let src = folder.path();
    let write = |file: &str, text: &str| {
        let path = src.join(file);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write(
        "lib.rs",
        "pub mod a;\nmod b;\nmod c;\npub use b::{Deep, Other};\n",
    );
    write("a.rs", "use std::{fmt, io};\nuse crate::{Deep, c};\n");
    write(
        "b.rs",
        "// use crate::a::A;\npub struct Deep;\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n",
    );
    write("c/mod.rs", "mod d;\n");
    write("c/d.rs", "fn f() {}\n");
    let graph = imports(src);
    assert_eq!(graph["a"], BTreeSet::from(["b".to_owned(), "c".to_owned()]));
    assert_eq!(circle(&graph), None);
    write("c/d.rs", "fn f() { super::super::a::g() }\n");
    assert!(circle(&folders(&imports(src))).is_some());
}

/// What must not be compiled into the crates that only read.
const ASYNC_OR_HTTP: [&str; 9] = [
    "async-std",
    "axum",
    "bollard",
    "h2",
    "hyper",
    "mdbook",
    "reqwest",
    "tokio",
    "tonic",
];

#[test]
fn analysis_and_catalog_need_no_async_runtime_no_http_and_no_docker() {
    for name in ["policy", "analysis", "catalog"] {
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "--offline",
                "--edges",
                "normal",
                "--prefix",
                "none",
            ])
            .args(["--package", name])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        let text = String::from_utf8_lossy(&tree.stdout);
        assert!(tree.status.success() && text.starts_with(name), "{tree:?}");
        let needed: BTreeSet<_> = text
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        let found: Vec<_> = ASYNC_OR_HTTP
            .iter()
            .filter(|krate| needed.contains(*krate))
            .collect();
        assert!(found.is_empty(), "{name} needs {found:?}");
    }
}
