//! The book itself, rendered: its links, its anchors, its search.

use super::{panels, render};
use catalog::Catalog;
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Where the book is rendered to, once for all tests.
static BOOK: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let out = tempfile::tempdir().expect("a folder");
    let catalog = Catalog::load(&root).expect("the labs");
    let panels = panels(&root, &catalog).expect("panels");
    render(&root, out.path(), panels).expect("the book");
    out
});

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

/// Every page: its path from the book's top, with `/`, and its text.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![BOOK.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == "html") {
                let name = path.strip_prefix(BOOK.path()).expect("below it");
                let name = name.to_string_lossy().replace('\\', "/");
                pages.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    pages
}

/// `../x.html` on `museum/a.html` is `x.html`.
fn resolve(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_and_anchor_of_the_book_leads_somewhere() {
    let pages = pages();
    let id = pattern(r#"\s(?:id|name)="([^"]+)""#);
    let link = pattern(r#"\s(?:href|src)="([^"]*)""#);
    let ids: BTreeMap<&str, BTreeSet<&str>> = pages
        .iter()
        .map(|(page, html)| {
            let found = id.captures_iter(html).filter_map(|found| found.get(1));
            (page.as_str(), found.map(|id| id.as_str()).collect())
        })
        .collect();
    let mut lost = BTreeSet::new();
    let mut seen = 0;
    // What is missing is shown under any address, and links from the top.
    for (page, html) in pages.iter().filter(|(page, _)| *page != "404.html") {
        for found in link.captures_iter(html) {
            let target = &found[1];
            if target.contains("://")
                || target.starts_with("mailto:")
                || target.starts_with("data:")
            {
                continue;
            }
            seen += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = file.split('?').next().unwrap_or_default();
            let file = match file {
                "" => page.clone(),
                file => resolve(page, file),
            };
            let there = match ids.get(file.as_str()) {
                Some(ids) => anchor.is_empty() || ids.contains(anchor),
                None => BOOK.path().join(&file).is_file(),
            };
            if !there {
                lost.insert(format!("{page}: {target}"));
            }
        }
    }
    assert!(seen > 1000, "{seen} links");
    assert_eq!(lost, BTreeSet::new());
}

/// The documents of the search: address and text.
fn documents() -> Vec<(String, String)> {
    let files = fs::read_dir(BOOK.path()).expect("a folder");
    let names = files.map(|file| file.expect("an entry").path());
    let mut index = names.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("searchindex") && name.ends_with(".js")
    });
    let script = fs::read_to_string(index.next().expect("an index")).expect("text");
    let begin = script.find("JSON.parse('").expect("its JSON") + "JSON.parse('".len();
    let end = script.rfind("')").expect("its end");
    let json = script[begin..end].replace("\\'", "'").replace("\\\\", "\\");
    let index: Value = serde_json::from_str(&json).expect("JSON");
    let addresses = index["doc_urls"].as_array().expect("addresses");
    let text = |at: usize| index["index"]["documentStore"]["docs"][at.to_string()]["body"].as_str();
    let of = |(at, address): (usize, &Value)| {
        let address = address.as_str().expect("text").to_owned();
        (address, text(at).unwrap_or_default().to_owned())
    };
    addresses.iter().enumerate().map(of).collect()
}

#[test]
fn the_search_knows_every_page_and_no_lab_s_sources() {
    let documents = documents();
    for page in ["ledger", "glossary", "cheatsheet", "folklore", "xray"] {
        let file = format!("{page}.html");
        assert!(
            documents
                .iter()
                .any(|(address, _)| address.starts_with(&file)),
            "{page} is not found"
        );
    }
    // Words of every lab's program, and of no prose.
    for word in ["ListenAndServe(", "func main() {"] {
        let found: Vec<_> = documents
            .iter()
            .filter(|(_, text)| text.contains(word))
            .collect();
        assert!(found.len() < 4, "{word}: {found:?}");
    }
    let shown = pages()
        .values()
        .any(|html| html.contains("func main() &#123;"));
    assert!(shown, "but the pages show them");
}
