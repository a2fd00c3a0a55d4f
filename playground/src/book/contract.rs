//! `book/theme/contract.json`: what our HTML offers to the page's scripts, and which hooks
//! (`data-role`, and the values of `data-state` and its like) the scripts make for styles and
//! tests. These tests hold all sides to it, so that a name that is changed on one of them fails
//! here and not with a reader.

use super::{Recordings, exercises, journey, panel, question, symptoms, terms};
use crate::book::testing::sources;
use catalog::Catalog;
use catalog::inventory::Inventory;
use regex::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Names = BTreeSet<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    #[serde(rename = "about")]
    _about: String,
    /// By directive: each element with a class or a `data-` attribute, and these attributes.
    html: BTreeMap<String, BTreeMap<String, Names>>,
    /// mdBook's own elements that scripts look for.
    mdbook: Names,
    roles: BTreeMap<String, Role>,
    /// The values of attributes that say how something is: by attribute.
    states: BTreeMap<String, Names>,
}

/// An element that a script makes.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    /// The scripts, under `book/src/js`.
    by: Names,
    /// Its other `data-` attributes, without `data-`.
    data: Names,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn contract() -> Contract {
    let file = root().join("book/theme/contract.json");
    let text = std::fs::read_to_string(file).expect("the contract");
    serde_json::from_str(&text).expect("its form")
}

/// Every file below a folder of the repository with this ending: its path from there, its text.
fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let top = root().join(folder);
    let mut texts = Vec::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == ending) {
                let name = path.strip_prefix(&top).expect("below it");
                let name = name.to_string_lossy().replace('\\', "/");
                texts.push((name, std::fs::read_to_string(&path).expect("text")));
            }
        }
    }
    texts
}

fn scripts() -> Vec<(String, String)> {
    texts("book/src/js", "js")
}

/// What asks for hooks: scripts, styles and the browser's tests.
fn askers() -> Vec<(String, String)> {
    let mut all = scripts();
    all.extend(texts("book/theme/css", "css"));
    all.extend(texts("playground/tests/it/browser", "rs"));
    let tests = root().join("playground/tests/it/browser.rs");
    all.push((
        "browser.rs".to_owned(),
        std::fs::read_to_string(tests).expect("text"),
    ));
    all
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

/// The first group of every match.
fn all(pattern: &Regex, text: &str) -> Vec<String> {
    let found = pattern.captures_iter(text);
    found.map(|found| found[1].to_owned()).collect()
}

/// Says which name is not the same on both sides.
fn same<T: PartialEq + std::fmt::Debug>(
    made: &BTreeMap<String, T>,
    declared: &BTreeMap<String, T>,
) {
    for name in made.keys().chain(declared.keys()) {
        let (made, declared) = (made.get(name), declared.get(name));
        assert_eq!(
            made, declared,
            "{name}: made, and declared in contract.json"
        );
    }
}

/// The elements of a piece of HTML that have a class or a `data-` attribute.
fn elements(html: &str) -> BTreeMap<String, Names> {
    let attribute = pattern(r#"\sdata-([\w-]+)"#);
    let class = pattern(r#"\sclass="([^"]*)""#);
    let quoted = pattern(r#""[^"]*""#);
    let mut elements: BTreeMap<String, Names> = BTreeMap::new();
    for tag in pattern(r"<(\w[^>]*)>").captures_iter(html) {
        let tag = &tag[1];
        let name = tag.split_whitespace().next().unwrap_or_default();
        let classes = class.captures(tag).map(|found| found[1].replace(' ', "."));
        let data = all(&attribute, &quoted.replace_all(tag, r#""""#));
        if classes.is_some() || !data.is_empty() {
            let classes = classes.map(|classes| format!(".{classes}"));
            let key = format!("{name}{}", classes.unwrap_or_default());
            elements.entry(key).or_default().extend(data);
        }
    }
    elements
}

#[test]
fn the_books_html_is_what_the_contract_says() {
    let root = root();
    let catalog = Catalog::load(&root).expect("sound");
    let labs = &catalog.labs;
    let recordings = Recordings::load(&root).expect("sound");
    let panels: String = labs
        .iter()
        .map(|lab| panel::section(lab, &recordings, |v| sources(lab, v)).expect("it"))
        .collect();
    let exercises = exercises::ExercisePart::new(&catalog, sources).expect("it");
    let page = |name: &str| {
        let file = root.join("book/src").join(name);
        std::fs::read_to_string(file).expect("the page")
    };
    let ledger = crate::book::ledger::testing::part(&catalog);
    let inventory = Inventory::load(&root, &catalog).expect("sound");
    let questions = inventory.questions.iter();
    let questions = questions.map(|one| question::before(one) + &question::after(one));
    let pages = BTreeMap::new();
    let entries = symptoms::entries(labs);
    let made = BTreeMap::from(
        [
            ("{{#lab}}", panels),
            ("{{#exercise}}", exercises.panels()),
            (
                "{{#exercises}}",
                exercises.map(Path::new("exercises/index.md")),
            ),
            ("{{#journey}}", journey::section(&catalog)),
            (
                "{{#symptoms}}",
                symptoms::section(&entries, &pages, Path::new("symptoms.md")),
            ),
            ("{{#question}}", questions.collect()),
            ("xray.md", page("xray.md")),
            ("service.md", page("service.md")),
            ("terms", terms::sample()),
            ("{{#ledger}}", ledger.table("")),
            ("{{#folklore}}", ledger.folklore("")),
            (
                "{{#plot}}",
                ledger.plot("stage-1", "memory").expect("a plot"),
            ),
        ]
        .map(|(directive, html)| (directive.to_owned(), elements(&html))),
    );
    for (directive, elements) in &contract().html {
        same(&made[directive], elements);
    }
}

/// An attribute that nobody reads by this name is one that somebody reads by another.
#[test]
fn every_attribute_of_the_books_html_is_read() {
    let texts: String = askers().into_iter().map(|(_, text)| text).collect();
    for (element, data) in contract().html.into_values().flatten() {
        for name in data {
            let camel = pattern("-([a-z])")
                .replace_all(&name, |found: &regex::Captures<'_>| found[1].to_uppercase());
            let read = pattern(&format!(r"\b{camel}\b|data-{name}\b"));
            assert!(read.is_match(&texts), "{element}: nobody reads data-{name}");
        }
    }
}

#[test]
fn scripts_look_only_for_what_is_declared_or_what_they_make() {
    let contract = contract();
    let declared: String =
        contract
            .html
            .values()
            .flat_map(BTreeMap::keys)
            .fold(String::new(), |mut all, element| {
                all.push_str(element);
                all.push(' ');
                all
            });
    let scripts = scripts();
    let made: String = scripts
        .iter()
        .flat_map(|(_, text)| all(&pattern(r"class: ['`]([^'`]*)['`]"), text))
        .collect::<Vec<_>>()
        .join(" ");
    let selector =
        pattern(r"\b(?:find|findAll|querySelector|querySelectorAll|closest)\((?:\w+, )?'([^']+)'");
    for (script, text) in &scripts {
        for selector in all(&selector, text) {
            if contract.mdbook.contains(&selector) {
                continue;
            }
            for class in all(&pattern(r"\.([a-z][\w-]*)"), &selector) {
                let known = pattern(&format!(r"(?:^|[\s.]){class}(?:$|[\s.])"));
                assert!(
                    known.is_match(&declared) || known.is_match(&made),
                    "{script}: nothing has the class {class}, of {selector}"
                );
            }
        }
    }
}

#[test]
fn scripts_read_only_attributes_that_are_declared_or_that_they_make() {
    let contract = contract();
    let declared: Names = contract
        .html
        .into_values()
        .flatten()
        .flat_map(|(_, data)| data)
        .collect();
    let scripts = scripts();
    let made: String = scripts.iter().map(|(_, text)| text.as_str()).collect();
    let made: Names = all(&pattern(r"'data-([\w-]+)'"), &made)
        .into_iter()
        .collect();
    let written: Names = scripts
        .iter()
        .flat_map(|(_, text)| all(&pattern(r"dataset\.(\w+) = "), text))
        .collect();
    let (taken, asked) = (
        pattern(r"\{([^}]*)\} = [\w.]+\.dataset;"),
        pattern(r"\bdataset\.(\w+)"),
    );
    for (script, text) in &scripts {
        let taken = all(&taken, text);
        let taken = taken
            .iter()
            .flat_map(|names| all(&pattern(r"(?:^|,) *(\w+)"), names));
        for name in taken.chain(all(&asked, text)) {
            let kebab = pattern("[A-Z]").replace_all(&name, |found: &regex::Captures<'_>| {
                format!("-{}", found[0].to_lowercase())
            });
            assert!(
                declared.contains(&*kebab) || made.contains(&*kebab) || written.contains(&name),
                "{script}: nothing has data-{kebab}"
            );
        }
    }
}

/// The attributes of the object that holds what stands at `at`.
fn object_at(text: &str, at: usize) -> &str {
    let begin = text[..at].rfind('{').map_or(0, |begin| begin + 1);
    let mut depth = 0_usize;
    let end = text[at..].find(|c| {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return true,
            '}' => depth -= 1,
            _ => {}
        }
        false
    });
    &text[begin..end.map_or(text.len(), |end| at + end)]
}

#[test]
fn the_roles_that_scripts_make_are_those_of_the_contract() {
    let role = pattern(r"'data-role': ('[\w-]+'|[^,}]+)");
    let (literal, attribute) = (pattern(r"'([\w-]+)'"), pattern(r"'data-([\w-]+)':"));
    let mut made: BTreeMap<String, Role> = BTreeMap::new();
    for (script, text) in scripts() {
        // Comments talk about roles, too.
        let text = pattern(r"(?s)/\*\*.*?\*/").replace_all(&text, "");
        for found in role.captures_iter(&text) {
            let at = found.get(0).map_or(0, |found| found.start());
            let mut data: Names = all(&attribute, object_at(&text, at)).into_iter().collect();
            data.remove("role");
            let mut names = all(&literal, &found[1]);
            if names.is_empty() {
                // A helper that is told the role: the contract says which ones.
                names = told(&script);
            }
            for name in &names {
                let role = made.entry(name.clone()).or_default();
                role.by.insert(script.clone());
                role.data.extend(data.clone());
            }
        }
    }
    same(&made, &contract().roles);
}

/// The roles that a script hands to its own helper, as the first word of a call.
fn told(script: &str) -> Vec<String> {
    let call = match script {
        "lab/panel.js" => r"\bbutton\('([\w-]+)'",
        "ledger/page.js" => r"\bchoice\('[\w ]+', '([\w-]+)'",
        "run/view.js" => r"\bbox\('([\w-]+)'",
        "xray/treemap.js" => r"\bdataRole(?: =|:) '([\w-]+)'",
        _ => panic!("{script} makes a role that nobody can see here"),
    };
    let scripts = scripts();
    let texts = scripts.iter().filter(|(name, _)| match script {
        "xray/treemap.js" => name.starts_with("xray/"),
        script => name == script,
    });
    texts
        .flat_map(|(_, text)| all(&pattern(call), text))
        .collect()
}

#[test]
fn styles_and_tests_ask_only_for_roles_and_states_of_the_contract() {
    let contract = contract();
    let role = pattern(r#"data-role=\\?["']?([\w-]+)\\?["']?\]"#);
    let state = pattern(r#"\[(data-[\w-]+)=\\?["']?([a-z][\w-]*)\\?["']?\]"#);
    for (asker, text) in askers() {
        for role in all(&role, &text) {
            assert!(
                contract.roles.contains_key(&role),
                "{asker}: no role {role}"
            );
        }
        for found in state.captures_iter(&text) {
            if let Some(values) = contract.states.get(&found[1]) {
                assert!(values.contains(&found[2]), "{asker}: {}", &found[0]);
            }
        }
    }
}
