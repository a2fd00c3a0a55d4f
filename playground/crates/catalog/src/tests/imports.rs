//! The files of this crate import each other in one direction only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Every module with its code, without its tests.
fn modules() -> BTreeMap<String, String> {
    let mut modules = BTreeMap::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "",
        &mut modules,
    );
    modules
}

fn collect(dir: &Path, above: &str, modules: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().expect("a type").is_dir() {
            if name != "tests" {
                collect(&entry.path(), &format!("{above}{name}::"), modules);
            }
        } else if let Some(name) = name.strip_suffix(".rs").filter(|name| *name != "lib") {
            let module = match name {
                "mod" => above.trim_end_matches("::").to_owned(),
                name => format!("{above}{name}"),
            };
            let text = fs::read_to_string(entry.path()).expect("a text");
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            modules.insert(module, code.to_owned());
        }
    }
}

/// The modules that some code names: by their path from the top, or as children of `of`.
fn named<'m>(of: &str, code: &str, all: &'m BTreeMap<String, String>) -> BTreeSet<&'m str> {
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = code.collect();
    let code = code.join("\n");
    let names = |module: &str, path: String| {
        module != of
            && code.match_indices(&path).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                let after = code[at + path.len()..].chars().next();
                // The whole name, and no deeper module that the path goes on to.
                let whole = !before.is_some_and(|c| c.is_alphanumeric() || "_:".contains(c))
                    && after == Some(':');
                let rest = &code[at + path.len()..];
                let next: String = rest
                    .trim_start_matches(':')
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                whole && !all.contains_key(&format!("{module}::{next}"))
            })
    };
    let child = |module: &str| module.strip_prefix(&format!("{of}::")).map(str::to_owned);
    all.keys()
        .map(String::as_str)
        .filter(|module| {
            names(module, format!("crate::{module}"))
                || child(module).is_some_and(|child| names(module, child))
        })
        .collect()
}

#[test]
fn no_file_imports_what_imports_it() {
    let all = modules();
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = all
        .iter()
        .map(|(module, code)| (module.as_str(), named(module, code, &all)))
        .collect();
    // That the test sees imports at all.
    assert!(imports["load"].contains("parse::lab"), "{imports:#?}");
    assert!(imports["actions"].contains("actions::kind"), "{imports:#?}");
    for (module, code) in &all {
        assert!(
            !code.contains("super::"),
            "{module}: write paths from crate:: on"
        );
        assert!(!code.contains("crate::{"), "{module}: name the module");
    }
    while !imports.is_empty() {
        let left: BTreeSet<&str> = imports.keys().copied().collect();
        let before = left.len();
        imports.retain(|_, needs| needs.iter().any(|need| left.contains(need)));
        assert!(
            imports.len() < before,
            "these import each other: {imports:#?}"
        );
    }
}
