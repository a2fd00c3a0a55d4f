//! From the book's folder to the catalog, or to everything wrong with it.

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::exercise::read_exercises;
use crate::files::{self, Files, read_text};
use crate::folder::read_folder;
use crate::lab::{Kind, Lab};
use crate::likeness::{Likeness, read_likeness};
use crate::parse::cue::read_cues;
use crate::parse::fragment::{Fragments, read_fragments};
use crate::parse::lab::read_lab;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

const LABS: &str = "book/labs";

/// Whether what was learnt of reports is read.
#[derive(Clone, Copy)]
enum Learnt {
    Known,
    Not,
}

impl Catalog {
    /// Reads `<root>/book/labs`, `<root>/exercises`, `<root>/book/fragments.toml`,
    /// `<root>/book/cues.toml` and `<root>/book/likeness.tsv`.
    ///
    /// # Errors
    /// Every problem of every file at once.
    pub fn load(root: &Path) -> Result<Catalog, Diagnostics> {
        Catalog::read(root, Learnt::Known)
    }

    /// The same without `likeness.tsv`, which is about to be learnt anew: an old one may tell of a lab
    /// that is gone.
    ///
    /// # Errors
    /// Every problem of every other file at once.
    pub fn load_to_learn(root: &Path) -> Result<Catalog, Diagnostics> {
        Catalog::read(root, Learnt::Not)
    }

    fn read(root: &Path, learnt: Learnt) -> Result<Catalog, Diagnostics> {
        let mut problems = Vec::new();
        let mut sources: BTreeMap<String, Files> = BTreeMap::new();
        let mut folders = Vec::new();
        for entry in files::entries(&root.join(LABS), LABS, &mut problems) {
            let shown = format!("{LABS}/{}", entry.name);
            if !entry.is_dir {
                let text = "is no lab; labs are folders, and nothing else belongs here";
                problems.push(Diagnostic::of(shown, text));
            } else if entry.name.starts_with('_') {
                let files = files::files(&entry.path, &shown, &mut problems);
                sources.insert(entry.name, files);
            } else {
                folders.push((entry, shown));
            }
        }
        let vocabulary = read_cues(root, &mut problems);
        let mut labs = Vec::new();
        let mut taken: HashMap<String, String> = HashMap::new();
        for (entry, shown) in folders {
            let folder = read_folder(entry, shown, &mut problems);
            let file = format!("{}/lab.toml", folder.shown);
            let Some(text) = read_text(&folder.dir.join("lab.toml"), &file, &mut problems) else {
                continue;
            };
            let reading = read_lab(&file, &text, &folder, &sources, &vocabulary);
            for (place, line) in reading.places {
                if let Some(other) = taken.insert(place.clone(), file.clone()) {
                    let text = format!("{place} is taken by {other}");
                    problems.push(Diagnostic::at(&file, line, text));
                }
            }
            problems.extend(reading.problems);
            labs.extend(reading.lab);
        }
        if problems.is_empty() {
            problems.extend(nobody_behind(&labs));
        }
        let ids: Vec<&str> = labs.iter().map(|lab| lab.id.as_str()).collect();
        let whole = problems.is_empty().then_some(ids.as_slice());
        let Fragments {
            fragments,
            strangers,
        } = read_fragments(root, whole, &mut problems);
        let likeness = match learnt {
            Learnt::Known if problems.is_empty() => read_likeness(root, &ids, &mut problems),
            // Labs that cannot be read would be missed there.
            Learnt::Known | Learnt::Not => Likeness::default(),
        };
        if labs.is_empty() && problems.is_empty() {
            let text = "holds no lab";
            problems.push(Diagnostic::of(LABS, text));
        }
        let exercises = read_exercises(root, &sources, &mut problems);
        if let Some(problems) = Diagnostics::found(problems) {
            return Err(problems);
        }
        labs.sort_by_key(|lab| {
            (
                lab.stage.as_ref().map_or(u32::MAX, |stage| stage.order),
                lab.kind == Kind::Experiment,
                lab.id.clone(),
            )
        });
        Ok(Catalog {
            labs,
            exercises,
            fragments,
            strangers,
            vocabulary,
            likeness,
        })
    }
}

/// What symptoms put behind themselves that is no lab.
fn nobody_behind(labs: &[Lab]) -> Vec<Diagnostic> {
    let ids: Vec<&str> = labs.iter().map(|lab| lab.id.as_str()).collect();
    let behind = |lab: &'_ Lab| {
        let before = lab.symptoms.iter().flat_map(|symptom| &symptom.before);
        let nobody = before.filter(|other| !ids.contains(&other.as_str()) || **other == lab.id);
        let file = format!("{LABS}/{}/lab.toml", lab.id);
        let problem = |other: &String| {
            Diagnostic::of(
                &file,
                format!("`before` names `{other}`, which is no other lab"),
            )
        };
        nobody.map(problem).collect::<Vec<_>>()
    };
    labs.iter().flat_map(behind).collect()
}
