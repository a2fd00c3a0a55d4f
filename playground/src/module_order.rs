//! Holds the order of modules that the crate's documentation promises against the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// As the crate's documentation lists them.
const ORDER: [&str; 12] = [
    "jobs",
    "event",
    "journal",
    "journey",
    "bases",
    "book",
    "app_state",
    "run",
    "scans",
    "content",
    "web",
    "cli",
];

/// Rust files below `dir`, each with the module that it belongs to.
fn sources(dir: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let (top, mut open, mut files) = (dir, vec![dir.to_owned()], Vec::new());
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(top).unwrap_or(&path).with_extension("");
                let module = below.iter().next().unwrap_or_default();
                files.push((module.to_string_lossy().into_owned(), path));
            }
        }
    }
    Ok(files)
}

/// The modules that a source names as `crate::…`.
fn named(source: &str) -> BTreeSet<&str> {
    let uses = source.split("crate::").skip(1);
    let uses = uses.flat_map(|rest| match rest.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or("").split(',').collect(),
        None => vec![rest],
    });
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    uses.filter_map(|rest| rest.trim().split(|c| !is_name(c)).next())
        .filter(|name| ORDER.contains(name))
        .collect()
}

#[test]
fn no_module_uses_one_that_stands_after_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&src).expect("the sources are there");
    let mut found_uses = BTreeSet::new();
    for (module, path) in sources {
        let Some(place) = ORDER.iter().position(|name| *name == module) else {
            assert!(
                ["lib", "main", "module_order"].contains(&module.as_str()),
                "{module} has no place"
            );
            continue;
        };
        let text = std::fs::read_to_string(&path).expect("it can be read");
        for used in named(&text) {
            assert!(
                ORDER[..=place].contains(&used),
                "{} uses {used}, which stands after {module}",
                path.display()
            );
            found_uses.insert((module.clone(), used.to_owned()));
        }
    }
    assert!(
        found_uses.contains(&("cli".into(), "web".into())),
        "{found_uses:?}"
    );
}

#[test]
fn uses_are_found_uses_however_they_are_written() {
    let text = "use crate::book;\nuse crate::{run, web::App};\nlet x = crate::cli::main();";
    let found: Vec<_> = named(text).into_iter().collect();
    assert_eq!(found, ["book", "cli", "run", "web"]);
}
