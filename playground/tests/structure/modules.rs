//! A crate's modules and what each imports, read from its sources as text.
//!
//! Knows `use` lines, paths with `crate::` and `super::`, and names that a module re-exports from
//! a child. Code of unit tests is left out: tests may look anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Modules by path (`run::container`; the crate itself is empty), with the modules each imports.
pub(crate) type Imports = BTreeMap<String, BTreeSet<String>>;

/// Reads all modules below a crate's `src`.
pub(crate) fn imports(src: &Path) -> Imports {
    let mut sources = BTreeMap::new();
    collect(src, "", &mut sources);
    let exports: BTreeMap<_, _> = sources
        .iter()
        .map(|(module, text)| (module.clone(), exports(module, text, &sources)))
        .collect();
    let mut imports = Imports::new();
    for (module, text) in &sources {
        let found = paths(text)
            .into_iter()
            .filter_map(|path| resolve(module, &path, &sources, &exports))
            .filter(|target| target != module && !target.is_empty())
            .collect();
        imports.insert(module.clone(), found);
    }
    imports
}

/// Files of a folder by module, without code of tests.
fn collect(folder: &Path, module: &str, sources: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let stem = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let is_test = stem == "tests" || stem == "testing" || stem.ends_with("_tests");
        if is_test {
            continue;
        }
        let name = match stem.as_str() {
            "lib" | "mod" | "main" => module.to_owned(),
            _ if module.is_empty() => stem,
            _ => format!("{module}::{stem}"),
        };
        if path.is_dir() {
            collect(&path, &name, sources);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            sources
                .entry(name)
                .or_default()
                .push_str(before_tests(&text));
        }
    }
}

/// A source without its unit tests.
pub(crate) fn product(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source");
    before_tests(&text).to_owned()
}

fn before_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {")
        .map_or(text, |at| &text[..at])
}

/// Every path of the text that begins with `crate` or `super`, groups written out.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    let bytes = code.as_bytes();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            let part_of_word =
                before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
            if !part_of_word {
                expand(&mut Vec::new(), &code[at..], &mut found);
            }
        }
    }
    found
}

/// Reads one path; of `a::{b, c::d}` all that it names. Returns how many bytes were read.
fn expand(prefix: &mut Vec<String>, text: &str, found: &mut Vec<Vec<String>>) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let skipped = rest.len() - rest.trim_start().len();
        at += skipped;
        let rest = &text[at..];
        if rest.starts_with('{') {
            at += 1;
            while at < text.len() && !text[at..].trim_start().starts_with('}') {
                let read = expand(prefix, &text[at..], found);
                at += read.max(1);
                at += text[at..].len() - text[at..].trim_start_matches([',', ' ', '\n']).len();
            }
            at += text[at..].find('}').map_or(0, |end| end + 1);
            break;
        }
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if end == 0 {
            found.push(prefix.clone());
            break;
        }
        prefix.push(rest[..end].to_owned());
        at += end;
        if !text[at..].starts_with("::") {
            found.push(prefix.clone());
            break;
        }
        at += 2;
    }
    prefix.truncate(depth);
    at
}

/// Names that a module passes on from elsewhere in the crate: `pub use child::Name`.
fn exports(
    module: &str,
    text: &str,
    sources: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (at, _) in text.match_indices("pub") {
        let Some(used) = text[at..]
            .split(';')
            .next()
            .and_then(|line| line.split_once(" use "))
        else {
            continue;
        };
        if used.0.contains('\n') {
            continue;
        }
        let mut found = Vec::new();
        expand(&mut Vec::new(), used.1, &mut found);
        for path in found {
            let Some((name, from)) = path.split_last() else {
                continue;
            };
            let from = match from.first().map(String::as_str) {
                Some("crate") => from[1..].join("::"),
                Some("super") => continue,
                _ => join(module, from),
            };
            if sources.contains_key(&from) {
                names.insert(name.clone(), from);
            }
        }
    }
    names
}

fn join(module: &str, rest: &[String]) -> String {
    let parts = (!module.is_empty()).then(|| module.to_owned());
    parts
        .into_iter()
        .chain(rest.iter().cloned())
        .collect::<Vec<_>>()
        .join("::")
}

/// The module that a path leads to, as far as it is one of this crate.
fn resolve(
    module: &str,
    path: &[String],
    sources: &BTreeMap<String, String>,
    exports: &BTreeMap<String, BTreeMap<String, String>>,
) -> Option<String> {
    let mut at: Vec<String> = match path.first()?.as_str() {
        "crate" => Vec::new(),
        _ => module.split("::").map(str::to_owned).collect(),
    };
    let mut rest = path;
    while let Some((first, more)) = rest.split_first() {
        match first.as_str() {
            "crate" => {}
            "super" => {
                at.pop();
            }
            _ => break,
        }
        rest = more;
    }
    for name in rest {
        let here = at.join("::");
        let child = join(&here, std::slice::from_ref(name));
        if sources.contains_key(&child) {
            at = child.split("::").map(str::to_owned).collect();
        } else {
            let passed_on = exports.get(&here).and_then(|names| names.get(name));
            return Some(passed_on.cloned().unwrap_or(here));
        }
    }
    Some(at.join("::"))
}
