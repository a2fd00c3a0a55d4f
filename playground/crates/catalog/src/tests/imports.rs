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
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    let names = |module: &str, path: &str| {
        code.match_indices(path).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            let rest = &code[at + path.len()..];
            let whole = !before.is_some_and(|c| part_of_a_name(c) || c == ':')
                && !rest.starts_with(part_of_a_name);
            // The path may go on to a deeper module, which is then the one that is meant.
            let next = rest.strip_prefix("::").unwrap_or_default();
            let next: String = next.chars().take_while(|c| part_of_a_name(*c)).collect();
            whole && !all.contains_key(&format!("{module}::{next}"))
        })
    };
    let child = |module: &str| {
        module
            .strip_prefix(of)?
            .strip_prefix("::")
            .map(str::to_owned)
    };
    let modules = all
        .keys()
        .map(String::as_str)
        .filter(|module| *module != of);
    modules
        .filter(|module| {
            names(module, &format!("crate::{module}"))
                || child(module).is_some_and(|child| {
                    names(module, &child) && code.contains(&format!("{child}::"))
                })
        })
        .collect()
}

/// Takes away what needs nothing that is left, until nothing is.
fn assert_one_direction<'m>(mut imports: BTreeMap<&'m str, BTreeSet<&'m str>>) {
    while !imports.is_empty() {
        let left: BTreeSet<&str> = imports.keys().copied().collect();
        imports.retain(|_, needs| needs.iter().any(|need| left.contains(need)));
        assert!(
            imports.len() < left.len(),
            "these import each other: {imports:#?}"
        );
    }
}

fn imports(all: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<&str>> {
    let named = |(module, code): (&'_ String, &String)| named(module, code, all);
    all.keys()
        .map(String::as_str)
        .zip(all.iter().map(named))
        .collect()
}

#[test]
fn no_file_imports_what_imports_it() {
    let all = modules();
    let imports = imports(&all);
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
    assert_one_direction(imports);
}

#[test]
fn no_folder_imports_what_imports_it() {
    let all = modules();
    let folder = |module: &'_ str| module.split("::").next().map(str::to_owned);
    let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, needs) in imports(&all) {
        let Some(of) = folder(module) else { continue };
        let needs = needs
            .into_iter()
            .filter_map(folder)
            .filter(|need| *need != of);
        folders.entry(of.clone()).or_default().extend(needs);
    }
    let folders = folders
        .iter()
        .map(|(folder, needs)| (folder.as_str(), needs.iter().map(String::as_str).collect()));
    assert_one_direction(folders.collect());
}

#[test]
#[should_panic(expected = "these import each other")]
fn a_circle_is_found() {
    let all = [
        ("a", "use crate::b::B;"),
        ("b", "use crate::c;"),
        ("c", "crate::a::a()"),
    ];
    let all: BTreeMap<String, String> = all
        .map(|(module, code)| (module.to_owned(), code.to_owned()))
        .into();
    assert_one_direction(imports(&all));
}
