//! From `exercises/` to exercises, or to everything wrong with them.

use super::foreseen::{read_foreseen, read_hints, read_wrong};
use super::stated::report_unstated;
use super::{Exercise, SOLUTION, STARTER, SUBMISSION};
use crate::checks::CheckKind;
use crate::diagnostic::Diagnostic;
use crate::files::{self, Entry, Files, read_text};
use crate::folder::Folder;
use crate::lab::{Kind, Lab, Role, Variant};
use crate::names::is_kebab_case;
use crate::parse::behaviour::{Behaviour, read_behaviour};
use crate::parse::lab::{read_peers, read_sources};
use crate::parse::surroundings::Surroundings;
use crate::toml::reader::{Need, Reader};
use crate::toml::rules::{context_path, kebab_case, unique};
use crate::toml::table::Table;
use std::collections::BTreeMap;
use std::path::Path;

const EXERCISES: &str = "exercises";

/// Reads `<root>/exercises`; none are there where the folder is missing.
pub(crate) fn read_exercises(
    root: &Path,
    sources: &BTreeMap<String, Files>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Exercise> {
    let dir = root.join(EXERCISES);
    if !dir.is_dir() {
        return Vec::new();
    }
    let mut exercises = Vec::new();
    for entry in files::entries(&dir, EXERCISES, problems) {
        let shown = format!("{EXERCISES}/{}", entry.name);
        if !entry.is_dir {
            if !["README.md", "inventory.toml"].contains(&entry.name.as_str()) {
                let text = "does not belong here; exercises are folders called NN-name";
                problems.push(Diagnostic::of(shown, text));
            }
            continue;
        }
        let Some(number) = number_of(&entry.name) else {
            let text = "is no exercise's folder: they are called NN-name, in kebab-case";
            problems.push(Diagnostic::of(shown, text));
            continue;
        };
        exercises.extend(read_one(number, entry, &shown, sources, problems));
    }
    for (at, exercise) in exercises.iter().enumerate() {
        if exercises[..at]
            .iter()
            .any(|other| other.number == exercise.number)
        {
            let text = format!("{} is another exercise's number, too", exercise.number);
            problems.push(Diagnostic::of(format!("{EXERCISES}/{}", exercise.id), text));
        }
    }
    exercises
}

/// 4 of `04-two-stages`.
fn number_of(name: &str) -> Option<u32> {
    let (number, rest) = name.split_once('-')?;
    let two_digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
    if !two_digits || !is_kebab_case(rest) {
        return None;
    }
    number.parse().ok().filter(|number| *number > 0)
}

/// An exercise's folder as it lies on disk.
struct OnDisk {
    /// As a lab's, whose variants are `starter` and `solution`.
    folder: Folder,
    /// By id, as the folders below `wrong/` are called.
    wrong: BTreeMap<String, Files>,
}

fn read_one(
    number: u32,
    entry: Entry,
    shown: &str,
    sources: &BTreeMap<String, Files>,
    problems: &mut Vec<Diagnostic>,
) -> Option<Exercise> {
    let on_disk = read_folder(entry, shown, problems);
    let mut read = |name: &str| {
        let file = format!("{shown}/{name}");
        let text = read_text(&on_disk.folder.dir.join(name), &file, problems);
        text.map(|text| (file, text))
    };
    let statement = read("README.md");
    let (file, text) = read("exercise.toml")?;
    let reader = Reader::new(&file, &text);
    let exercise = reader.parse().and_then(|document| {
        let root = Table::root_of("the exercise", &reader, &document);
        let statement = statement.as_ref().map(|(_, text)| text.as_str());
        read_root(number, root, &reader, &on_disk, sources, statement)
    });
    problems.extend(reader.into_problems());
    Some(Exercise {
        statement: statement?.1,
        ..exercise?
    })
}

fn read_folder(entry: Entry, shown: &str, problems: &mut Vec<Diagnostic>) -> OnDisk {
    let entries = files::entries(&entry.path, shown, problems);
    let mut on_disk = OnDisk {
        folder: Folder {
            id: entry.name,
            shown: shown.to_owned(),
            dir: entry.path,
            src: Files::new(),
            variants: BTreeMap::new(),
            peers: BTreeMap::new(),
            debug: BTreeMap::new(),
        },
        wrong: BTreeMap::new(),
    };
    for entry in entries {
        let at = format!("{shown}/{}", entry.name);
        let folder = &mut on_disk.folder;
        match (entry.name.as_str(), entry.is_dir) {
            ("exercise.toml" | "README.md", false) => {}
            ("src", true) => folder.src = files::files(&entry.path, &at, problems),
            (STARTER | SOLUTION, true) => {
                let files = files::files(&entry.path, &at, problems);
                folder.variants.insert(entry.name, files);
            }
            ("wrong", true) => {
                on_disk.wrong = crate::folder::image_folders(&entry, &at, "wrong answer", problems);
            }
            ("peers", true) => {
                folder.peers = crate::folder::image_folders(&entry, &at, "peer", problems);
            }
            ("debug", true) => {
                folder.debug = crate::folder::image_folders(&entry, &at, "debug image", problems);
            }
            _ => {
                let text = "does not belong here; an exercise has exercise.toml, README.md, src/, \
                            starter/, solution/, wrong/, peers/ and debug/";
                problems.push(Diagnostic::of(at, text));
            }
        }
    }
    for needed in [STARTER, SOLUTION] {
        if !on_disk.folder.variants.contains_key(needed) {
            let text = format!("has no folder {needed}/");
            problems.push(Diagnostic::of(shown, text));
        }
    }
    on_disk
}

fn read_root(
    number: u32,
    root: Table<'_>,
    reader: &Reader<'_>,
    on_disk: &OnDisk,
    sources: &BTreeMap<String, Files>,
    statement: Option<&str>,
) -> Option<Exercise> {
    let folder = &on_disk.folder;
    let title = root.text("title", Need::Required);
    let summary = root.text("summary", Need::Required);
    let unit = root.text("unit", Need::Required);
    unit.iter().for_each(|unit| kebab_case("unit", unit));
    let minutes = root.integer::<u32>("minutes", Need::Required, 1..=120);
    let pages = root.texts("pages");
    unique("page", &pages);
    let golf = root.flag("golf").is_some_and(|flag| flag.value);
    let used = read_sources(&root, sources);
    let (peers, peer_ids) = read_peers(&root, folder);
    let around = Surroundings {
        kind: Some(Kind::Exercise),
        folder,
        sources: used.iter().filter_map(|name| sources.get(name)).collect(),
        peers: peer_ids.iter().map(|id| id.value.as_str()).collect(),
    };
    let edit = read_edit(&root, folder);
    let own = read_shown(&root, &around);
    let behaviour = read_behaviour(&root, &around, None);
    let graded: Vec<String> = behaviour.iter().flat_map(graded).collect();
    if let Some(behaviour) = &behaviour
        && !behaviour
            .checks
            .iter()
            .any(|check| matches!(check.kind, CheckKind::Bases(_)))
    {
        root.report("no [[look]] says which `bases` may be named: a base could hide the work");
    }
    if let (Some(behaviour), Some(statement)) = (&behaviour, statement) {
        report_unstated(&root, behaviour, statement);
    }
    let hints = read_hints(&root, &graded);
    let starter = root.table("starter", Need::Required);
    let starter = starter.and_then(|table| {
        let foreseen = read_foreseen(&table, &graded, &hints);
        table.finish();
        foreseen
    });
    let wrong = read_wrong(
        &root,
        reader,
        &folder.shown,
        &on_disk.wrong,
        &edit,
        &graded,
        &hints,
    );
    root.finish();

    let behaviour = behaviour?;
    let mut show = edit.clone();
    show.extend(own);
    let variant = |id: &str, role, layers: &[&str]| {
        behaviour.clone().into_variant(Variant {
            id: id.to_owned(),
            role,
            layers: layers.iter().map(|layer| (*layer).to_owned()).collect(),
            show: show.clone(),
            editable: edit.clone(),
            ..Variant::default()
        })
    };
    let mut variants = vec![
        variant(SUBMISSION, Role::Submission, &[]),
        variant(STARTER, Role::Starter, &[STARTER]),
        variant(SOLUTION, Role::Solution, &[SOLUTION]),
    ];
    let mut answers = Vec::new();
    for (over, answer) in wrong {
        let id = answer.variant();
        variants.push(variant(&id, Role::Wrong, &[&over, &id]));
        answers.push(answer);
    }
    let (title, summary) = (title?.value, summary?.value);
    Some(Exercise {
        id: folder.id.clone(),
        number,
        title: title.clone(),
        summary: summary.clone(),
        unit: unit?.value,
        minutes: minutes?.value,
        pages: pages.into_iter().map(|page| page.value).collect(),
        golf,
        edit,
        hints,
        starter: starter?,
        wrong: answers,
        statement: String::new(),
        lab: Lab {
            id: folder.id.clone(),
            kind: Kind::Exercise,
            title,
            summary,
            stage: None,
            sources: used,
            peers,
            symptoms: Vec::new(),
            ballast: Vec::new(),
            metrics: Vec::new(),
            unpinned: false,
            variants,
            dir: folder.dir.clone(),
        },
    })
}

/// The files that are handed in: the starter and the solution have no others.
fn read_edit(root: &Table<'_>, folder: &Folder) -> Vec<String> {
    let edit = root.texts("edit");
    unique("file", &edit);
    edit.iter().for_each(context_path);
    if edit.is_empty() {
        root.report("`edit` names no file: nothing could be handed in");
    }
    for path in &edit {
        if folder.src.contains_key(&path.value) {
            path.report(format!(
                "`{path}` is in src/, too: what is handed in lies in starter/"
            ));
        }
        if !folder
            .variants
            .values()
            .any(|files| files.contains_key(&path.value))
        {
            path.report(format!("neither starter/ nor solution/ has `{path}`"));
        }
    }
    for (name, files) in &folder.variants {
        for path in files
            .keys()
            .filter(|path| !edit.iter().any(|one| one.value == **path))
        {
            root.report(format!(
                "{name}/{path} is not in `edit`: it could not be handed in"
            ));
        }
    }
    edit.into_iter().map(|path| path.value).collect()
}

/// Files of the exercise's own that are shown beside those that are handed in.
fn read_shown(root: &Table<'_>, around: &Surroundings<'_>) -> Vec<String> {
    let shown = root.texts("show");
    let layers = around.sources.iter().copied().chain([&around.folder.src]);
    let files: Vec<&Files> = layers.collect();
    for path in &shown {
        if !files.iter().any(|files| files.contains_key(&path.value)) {
            path.report(format!("neither src/ nor the sources have `{path}`"));
        }
    }
    shown.into_iter().map(|path| path.value).collect()
}

/// The ids of everything that the verdict holds against the declaration, in its order.
fn graded(behaviour: &Behaviour) -> Vec<String> {
    let expect = &behaviour.expect;
    let own = [
        ("outcome", true),
        ("exit-code", expect.exit_code.is_some()),
        ("reporter", expect.reporter.is_some()),
        ("message", expect.message.is_some()),
        ("moment", expect.moment.is_some()),
    ];
    let own = own.into_iter().filter(|(_, there)| *there);
    let own = own.map(|(id, _)| id.to_owned());
    let probes = behaviour.probes.iter().map(|probe| probe.id.clone());
    let actions = behaviour.actions.iter().map(|action| action.id.clone());
    let checks = behaviour.checks.iter().map(|check| check.id.clone());
    own.chain(probes).chain(actions).chain(checks).collect()
}
