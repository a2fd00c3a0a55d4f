//! The catalog: all labs of the book, read and held against every rule.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::lab::{Kind, Lab, Variant};
use super::limits::MAX_LAB_TOML_BYTES;
use super::read::{Folder, Reading, is_kebab_case, read_lab};
use super::reader::At;
use super::tree::{self, Files};
use policy::UserError;
use policy::suggest::hint;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

const LABS: &str = "book/labs";

/// Every lab of the book: stages in the journey's order, then failures by id.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Stages in the journey's order, then failures by id.
    pub labs: Vec<Lab>,
}

impl Catalog {
    /// Reads `<root>/book/labs`.
    ///
    /// # Errors
    /// Every problem of every file at once.
    pub fn load(root: &Path) -> Result<Catalog, Diagnostics> {
        let mut problems = Vec::new();
        let mut sources: BTreeMap<String, Files> = BTreeMap::new();
        let mut folders = Vec::new();
        for entry in tree::entries(&root.join(LABS), LABS, &mut problems) {
            let shown = format!("{LABS}/{}", entry.name);
            if !entry.is_dir {
                let text = "is no lab; labs are folders, and nothing else belongs here".into();
                problems.push(Diagnostic {
                    file: shown,
                    line: None,
                    text,
                });
            } else if entry.name.starts_with('_') {
                let files = tree::files(&entry.path, &shown, &mut problems);
                sources.insert(entry.name, files);
            } else {
                folders.push((entry, shown));
            }
        }
        let mut labs = Vec::new();
        let mut places = Places::default();
        for (entry, shown) in folders {
            let folder = read_folder(entry, shown, &mut problems);
            let file = format!("{}/lab.toml", folder.shown);
            let Some(text) = read_text(&folder.dir.join("lab.toml"), &file, &mut problems) else {
                continue;
            };
            let reading = read_lab(&file, &text, &folder, &sources);
            places.take(&file, &reading, &mut problems);
            problems.extend(reading.problems);
            labs.extend(reading.lab);
        }
        if labs.is_empty() && problems.is_empty() {
            let text = "holds no lab".into();
            problems.push(Diagnostic {
                file: LABS.into(),
                line: None,
                text,
            });
        }
        if let Some(problems) = Diagnostics::found(problems) {
            return Err(problems);
        }
        labs.sort_by_key(|lab| {
            (
                lab.stage.as_ref().map_or(u32::MAX, |stage| stage.order),
                lab.id.clone(),
            )
        });
        Ok(Catalog { labs })
    }

    /// The stages, in the journey's order.
    pub fn stages(&self) -> impl Iterator<Item = &Lab> {
        self.labs.iter().filter(|lab| lab.kind == Kind::Stage)
    }

    /// The lab called `id`.
    ///
    /// # Errors
    /// There is none; the error names the nearest.
    pub fn lab(&self, id: &str) -> Result<&Lab, UserError> {
        self.labs.iter().find(|lab| lab.id == id).ok_or_else(|| {
            let labs = self.labs.iter().map(|lab| lab.id.as_str());
            unknown(
                format!("there is no lab `{}`", clip(id)),
                &hint(id, labs, "there are"),
            )
        })
    }

    /// What a reader calls `x509/broken`, or `stage-1` for a lab's first variant.
    ///
    /// # Errors
    /// There is no such lab or variant; the error names the nearest.
    pub fn resolve(&self, name: &str) -> Result<(&Lab, &Variant), UserError> {
        let (id, variant) = match name.split_once('/') {
            Some((id, variant)) => (id, Some(variant)),
            None => (name, None),
        };
        let lab = self.lab(id)?;
        Ok((lab, lab.variant(variant)?))
    }

    /// The variant `variant` of the lab `lab`.
    ///
    /// # Errors
    /// There is no such lab or variant; the error names the nearest.
    pub fn lab_variant(&self, lab: &str, variant: &str) -> Result<(&Lab, &Variant), UserError> {
        let lab = self.lab(lab)?;
        Ok((lab, lab.variant(Some(variant))?))
    }
}

impl Lab {
    /// The variant called `id`, or the first one.
    ///
    /// # Errors
    /// There is none; the error names the nearest.
    pub fn variant(&self, id: Option<&str>) -> Result<&Variant, UserError> {
        let found = match id {
            Some(id) => self.variants.iter().find(|variant| variant.id == id),
            None => self.variants.first(),
        };
        found.ok_or_else(|| {
            let id = id.unwrap_or_default();
            let variants = self.variants.iter().map(|variant| variant.id.as_str());
            let what = format!("the lab `{}` has no variant `{}`", self.id, clip(id));
            unknown(what, &hint(id, variants, "there are"))
        })
    }
}

fn unknown(what: String, hint: &str) -> UserError {
    let cause = hint.trim_start_matches("; ");
    UserError {
        what,
        cause: if cause.is_empty() {
            "the catalog is empty".into()
        } else {
            cause.into()
        },
        next: "playground list".into(),
    }
}

/// Names come from outside: repeat no more of them than helps.
fn clip(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// Places on the journey that are taken, and by which file.
#[derive(Default)]
struct Places {
    orders: HashMap<u32, String>,
    numbers: HashMap<String, String>,
}

impl Places {
    fn take(&mut self, file: &str, reading: &Reading, problems: &mut Vec<Diagnostic>) {
        let mut report = |line: u32, text: String| {
            problems.push(Diagnostic {
                file: file.to_owned(),
                line: Some(line),
                text,
            });
        };
        if let Some(At { value, line }) = &reading.order
            && let Some(other) = self.orders.insert(*value, file.to_owned())
        {
            report(*line, format!("`order` {value} is taken by {other}"));
        }
        if let Some(At { value, line }) = &reading.number
            && let Some(other) = self.numbers.insert(value.clone(), file.to_owned())
        {
            report(*line, format!("`number` {value} is taken by {other}"));
        }
    }
}

/// Looks at a lab's folder; reports what does not belong there.
fn read_folder(entry: tree::Entry, shown: String, problems: &mut Vec<Diagnostic>) -> Folder {
    let mut stray = |file: String, text: &str| {
        problems.push(Diagnostic {
            file,
            line: None,
            text: text.into(),
        });
    };
    if !is_kebab_case(&entry.name) {
        stray(
            shown.clone(),
            "a lab's folder is named in kebab-case (a-z, 0-9, single hyphens)",
        );
    }
    let mut found = Vec::new();
    let mut folder = Folder {
        id: entry.name,
        shown: shown.clone(),
        dir: entry.path,
        src: Files::new(),
        variants: BTreeMap::new(),
        peers: BTreeMap::new(),
        debug: BTreeMap::new(),
    };
    for entry in tree::entries(&folder.dir, &shown, &mut found) {
        let at = format!("{shown}/{}", entry.name);
        match (entry.name.as_str(), entry.is_dir) {
            ("lab.toml", false) => {}
            ("lab.toml", true) => stray(at, "is a folder; it must be a file"),
            (_, false) => stray(
                at,
                "does not belong here; files go into src/ or a variant's folder",
            ),
            ("src", true) => folder.src = tree::files(&entry.path, &at, &mut found),
            ("peers" | "debug", true) => {
                let noun = match entry.name.as_str() {
                    "peers" => "peer",
                    _ => "debug image",
                };
                let mut folders = BTreeMap::new();
                for inner in tree::entries(&entry.path, &at, &mut found) {
                    let at = format!("{at}/{}", inner.name);
                    if inner.is_dir {
                        folders.insert(inner.name, tree::files(&inner.path, &at, &mut found));
                    } else {
                        stray(at, &format!("does not belong here; a {noun} is a folder"));
                    }
                }
                match noun {
                    "peer" => folder.peers = folders,
                    _ => folder.debug = folders,
                }
            }
            (_, true) => {
                let files = tree::files(&entry.path, &at, &mut found);
                folder.variants.insert(entry.name, files);
            }
        }
    }
    problems.append(&mut found);
    folder
}

fn read_text(path: &Path, shown: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let mut report = |line: Option<u32>, text: String| {
        problems.push(Diagnostic {
            file: shown.to_owned(),
            line,
            text,
        });
        None
    };
    match path.symlink_metadata() {
        Ok(facts) if facts.len() > MAX_LAB_TOML_BYTES => {
            return report(None, format!("is larger than {MAX_LAB_TOML_BYTES} bytes"));
        }
        // Links and folders of this name are reported where the folder is listed.
        Ok(facts) if !facts.is_file() => return None,
        _ => {}
    }
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = before.iter().filter(|b| **b == b'\n').count() + 1;
                report(u32::try_from(line).ok(), "is not UTF-8 text".into())
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => report(
            None,
            "is missing: every folder here holds a lab (or starts with _)".into(),
        ),
        Err(error) => report(None, format!("cannot be read: {error}")),
    }
}
