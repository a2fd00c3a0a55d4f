//! From the text of a `lab.toml` to a [`Lab`].

use crate::diagnostic::Diagnostic;
use crate::files::Files;
use crate::folder::Folder;
use crate::lab::{Ballast, Kind, Lab, Peer, Role, Stage, Variant};
use crate::limits::MAX_CONTEXT_BYTES;
use crate::matching::Vocabulary;
use crate::metric::Metric;
use crate::parse::peer::read_peer;
use crate::parse::surroundings::Surroundings;
use crate::parse::symptom::read_symptoms;
use crate::parse::variant::read_variant;
use crate::toml::reader::{At, Need, Reader};
use crate::toml::rules::{context_path, twice};
use crate::toml::table::Table;
use policy::suggest::hint;
use std::collections::BTreeMap;

/// What a `lab.toml` came to. The stage's place is kept even where the rest is
/// wrong, so that places taken twice are reported in the same go.
pub(crate) struct Reading {
    pub(crate) lab: Option<Lab>,
    /// What must be no other lab's, with its line: "`order` 3".
    pub(crate) places: Vec<(String, u32)>,
    pub(crate) problems: Vec<Diagnostic>,
}

/// Reads the text of `file`; `sources` are the shared folders (`_service`),
/// `vocabulary` the words that people have for what happens.
pub(crate) fn read_lab(
    file: &str,
    text: &str,
    folder: &Folder,
    sources: &BTreeMap<String, Files>,
    vocabulary: &Vocabulary,
) -> Reading {
    let reader = Reader::new(file, text);
    let mut reading = Reading {
        lab: None,
        places: Vec::new(),
        problems: Vec::new(),
    };
    if let Some(document) = reader.parse() {
        let root = Table::root(&reader, &document);
        let book = (sources, vocabulary);
        reading.lab = read_root(root, &reader, folder, book, &mut reading);
    }
    reading.problems = reader.into_problems();
    reading
}

fn read_root(
    root: Table<'_>,
    reader: &Reader<'_>,
    folder: &Folder,
    (sources, vocabulary): (&BTreeMap<String, Files>, &Vocabulary),
    reading: &mut Reading,
) -> Option<Lab> {
    let kind = root.choice::<Kind>("kind", Need::Required);
    let title = root.text("title", Need::Required);
    let summary = root.text("summary", Need::Required);
    let used = read_sources(&root, sources);
    let unpinned = root.flag("unpinned").is_some_and(|flag| flag.value);
    let stage_table = root.table("stage", Need::Optional);
    match (&kind, &stage_table) {
        (Some(kind), None) if kind.value == Kind::Stage => {
            kind.report("a lab of kind `stage` needs a [stage] table");
        }
        (Some(kind), Some(table)) if kind.value != Kind::Stage => {
            let kind = match kind.value {
                Kind::Experiment => "experiment",
                Kind::Failure | Kind::Stage | Kind::Exercise => "failure",
            };
            table.report(format!("a lab of kind `{kind}` has no [stage] table"));
        }
        _ => {}
    }
    let stage = stage_table.and_then(|table| read_stage(table, reading));

    let (peers, peer_ids) = read_peers(&root, folder);
    let symptoms = read_symptoms(&root, kind.as_ref().map(|kind| kind.value), vocabulary);
    let ballast = read_ballast(&root);
    let mut metric_ids = Vec::new();
    let mut metrics = Vec::new();
    for table in root.tables("metric") {
        let (id, metric) = Metric::read(table);
        metric_ids.extend(id);
        metrics.extend(metric);
    }
    twice("metric", &metric_ids);
    let around = Surroundings {
        kind: kind.as_ref().map(|kind| kind.value),
        folder,
        sources: used.iter().filter_map(|name| sources.get(name)).collect(),
        peers: peer_ids.iter().map(|id| id.value.as_str()).collect(),
    };
    let tables = root.tables("variant");
    let count = tables.len();
    let mut roles = Vec::new();
    let mut ids = Vec::new();
    let mut variants = Vec::new();
    for table in tables {
        let read = read_variant(table, &around);
        ids.extend(read.id);
        roles.extend(read.role);
        variants.extend(read.variant);
    }
    twice("variant", &ids);
    check_cast(&root, around.kind, count, &roles);
    let declared: Vec<&str> = ids.iter().map(|id| id.value.as_str()).collect();
    let (shown, peers_shown) = (&folder.shown, format!("{}/peers", folder.shown));
    undeclared(reader, shown, "variant", &folder.variants, &declared);
    undeclared(reader, &peers_shown, "peer", &folder.peers, &around.peers);
    let debugged: Vec<&str> = variants
        .iter()
        .flat_map(|variant: &Variant| &variant.actions)
        .filter_map(|action| action.kind.debug_image())
        .collect();
    // A variant that could not be read may be the one that uses it.
    if variants.len() == count {
        let unused = |id: &&String| !debugged.contains(&id.as_str());
        for unused in folder.debug.keys().filter(unused) {
            let file = format!("{}/debug/{unused}", folder.shown);
            reader.report_in(&file, None, "no act of lab.toml uses this debug image");
        }
    }
    root.finish();

    Some(Lab {
        id: folder.id.clone(),
        kind: kind?.value,
        title: title?.value,
        summary: summary?.value,
        stage,
        sources: used,
        peers,
        symptoms,
        ballast,
        metrics,
        unpinned,
        variants,
        dir: folder.dir.clone(),
    })
}

/// The containers beside the variant's own, and their ids as far as they could be read.
pub(crate) fn read_peers<'r>(
    root: &Table<'r>,
    folder: &Folder,
) -> (Vec<Peer>, Vec<At<'r, String>>) {
    let mut peers = Vec::new();
    let mut ids = Vec::new();
    for table in root.tables("peer") {
        let (id, peer) = read_peer(table, folder, &peers);
        ids.extend(id);
        peers.extend(peer);
    }
    twice("peer", &ids);
    (peers, ids)
}

pub(crate) fn read_sources(root: &Table<'_>, sources: &BTreeMap<String, Files>) -> Vec<String> {
    let mut used: Vec<String> = Vec::new();
    for source in root.texts("sources") {
        let name = source.value.clone();
        if !sources.contains_key(&name) {
            let hint = hint(&name, sources.keys().map(String::as_str), "there are");
            source.report(format!("there is no source folder book/labs/{name}{hint}"));
        } else if used.contains(&name) {
            source.report(format!("`sources` names `{name}` twice"));
        } else {
            used.push(name);
        }
    }
    used
}

fn read_ballast(root: &Table<'_>) -> Vec<Ballast> {
    let mut all: Vec<Ballast> = Vec::new();
    for table in root.tables("ballast") {
        let path = table.text("path", Need::Required);
        let most = usize::try_from(MAX_CONTEXT_BYTES).unwrap_or(usize::MAX);
        let bytes = table.integer("bytes", Need::Required, 1..=most);
        if let Some(path) = &path {
            context_path(path);
            if all.iter().any(|earlier| earlier.path == path.value) {
                path.report(format!("`{path}` is laid twice"));
            }
        }
        table.finish();
        if let (Some(path), Some(bytes)) = (path, bytes) {
            all.push(Ballast {
                path: path.value,
                bytes: bytes.value,
            });
        }
    }
    let sum: usize = all.iter().map(|one| one.bytes).sum();
    if sum as u64 > MAX_CONTEXT_BYTES {
        root.report(format!(
            "the ballast weighs {sum} bytes; a context may have {MAX_CONTEXT_BYTES}"
        ));
    }
    all
}

fn read_stage(table: Table<'_>, reading: &mut Reading) -> Option<Stage> {
    let number = table.text("number", Need::Required);
    let order = table.integer::<u32>("order", Need::Required, 1..=1000);
    let numbers = number.iter().map(|at| (format!("`number` {at}"), at.line));
    let orders = order.iter().map(|at| (format!("`order` {at}"), at.line));
    reading.places.extend(numbers.chain(orders));
    let claimed_mb = table.number("claimed_mb", Need::Required);
    let claimed_mb_max = table.number("claimed_mb_max", Need::Optional);
    let claimed_by = table.text("claimed_by", Need::Required);
    let base = table.text("base", Need::Required);
    if let Some(number) = &number
        && !number
            .value
            .trim_end_matches(|c: char| c.is_ascii_lowercase())
            .parse::<u16>()
            .is_ok_and(|n| n > 0)
    {
        number.report(format!("`number` is `{number}`; it looks like 3 or 5a"));
    }
    if let (Some(low), Some(high)) = (&claimed_mb, &claimed_mb_max)
        && high.value <= low.value
    {
        high.report("`claimed_mb_max` must be above `claimed_mb`");
    }
    table.finish();
    Some(Stage {
        number: number?.value,
        order: order?.value,
        claimed_mb: claimed_mb?.value,
        claimed_mb_max: claimed_mb_max.map(|max| max.value),
        claimed_by: claimed_by?.value,
        base: base?.value,
    })
}

/// Which variants a lab must have, by its kind.
fn check_cast(root: &Table<'_>, kind: Option<Kind>, count: usize, roles: &[At<'_, Role>]) {
    if count == 0 {
        root.report("the lab has no [[variant]]");
        return;
    }
    // A role that could not be read is reported already; judge only a whole cast.
    if roles.len() < count {
        return;
    }
    match kind {
        Some(Kind::Stage) if count > 1 => {
            roles[1].report("a stage has one [[variant]], `image`");
        }
        Some(Kind::Failure) => {
            if roles[0].value != Role::Broken {
                roles[0].report("a failure lab starts with a broken variant");
            }
            for (needed, word) in [(Role::Broken, "broken"), (Role::Fixed, "fixed")] {
                if !roles.iter().any(|role| role.value == needed) {
                    root.report(format!(
                        "a failure lab needs a variant with the role `{word}`"
                    ));
                }
            }
        }
        _ => {}
    }
}

/// Reports folders that the file does not speak of.
fn undeclared(
    reader: &Reader<'_>,
    shown: &str,
    noun: &str,
    folders: &BTreeMap<String, Files>,
    declared: &[&str],
) {
    let missing = |folder: &&String| !declared.contains(&folder.as_str());
    for folder in folders.keys().filter(missing) {
        let hint = hint(folder, declared.iter().copied(), "declared are");
        let text = format!("lab.toml has no [[{noun}]] with the id `{folder}`{hint}");
        reader.report_in(&format!("{shown}/{folder}"), None, text);
    }
}
