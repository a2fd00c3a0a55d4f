//! Decisions that sources and build files tell beside the command: zones, the compiler, generated code.

use crate::adopt::facts::ModuleFacts;
use crate::adopt::gomod::join;
use crate::adopt::hints::Hints;
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::tree::WorkingTree;
use crate::adopt::verdicts::custom;
use std::collections::BTreeSet;

/// Own code that loads zones by name: they are built in from the first build on, as the tag compiles
/// all anew.
pub(super) fn zones(
    tree: &WorkingTree,
    module: &ModuleFacts,
    reached: &BTreeSet<&str>,
    plan: &mut Plan,
    decisions: &mut Decisions,
) {
    let files = reached.iter().filter_map(|path| {
        let package = module
            .packages
            .get(*path)
            .filter(|package| !package.dep_only)?;
        let below = package.import_path.strip_prefix(&module.module.path)?;
        let dir = join(&module.module.dir, below.trim_start_matches('/'));
        let mut files = package.go_files.iter().map(|file| join(&dir, file));
        files.find(|file| {
            tree.text(file)
                .is_some_and(|text| text.contains("time.LoadLocation("))
        })
    });
    let seen: Vec<String> = files
        .take(3)
        .map(|file| format!("{file} calls time.LoadLocation"))
        .collect();
    if !seen.is_empty() {
        plan.tags.insert("timetzdata".into());
        decisions.set(
            Topic::Zones,
            "in the program (-tags timetzdata)",
            seen,
            "a program that knows UTC alone",
            Some("museum/unknown-time-zone.html"),
        );
    }
}

/// Tags of the build that makes the repository's own image: another program comes of other tags.
pub(super) fn their_tags(hints: &Hints, dir: &str, plan: &mut Plan, decisions: &mut Decisions) {
    let Some((from, told)) = hints.told(dir) else {
        return;
    };
    let known = &plan.tags;
    let mut tags: Vec<String> = told.tags.into_iter().collect();
    tags.retain(|tag| custom(tag) && !known.contains(tag));
    if tags.is_empty() {
        return;
    }
    plan.tags.extend(tags.iter().cloned());
    decisions.set(
        Topic::Tags,
        tags.join(","),
        [format!("{from} builds it with -tags {}", tags.join(","))],
        "another program: without them other files of the repository are compiled",
        None,
    );
}

pub(super) fn compiler(hints: &Hints, dir: &str, plan: &mut Plan, decisions: &mut Decisions) {
    let mut evidence = Vec::new();
    if let Some((from, told)) = hints.told(dir).filter(|(_, told)| !told.stamps.is_empty()) {
        let stamps: Vec<&str> = told.stamps.iter().map(String::as_str).collect();
        evidence.push(format!(
            "{from} writes the version into {}: --build-arg VERSION=… does",
            stamps.join(", ")
        ));
        plan.stamps = told.stamps;
    }
    if let Some((value, from)) = hints.settings.get("GOFIPS140") {
        evidence.push(format!(
            "{from} sets GOFIPS140={value}: kept, it is a promise to others"
        ));
        plan.settings.insert("GOFIPS140".into(), value.clone());
    }
    for name in ["GOAMD64", "GOARM64"] {
        if let Some((value, from)) = hints.settings.get(name) {
            evidence.push(format!(
                "{from} sets {name}={value}: not taken over, an older CPU would refuse the program"
            ));
        }
    }
    if let Some((value, from)) = hints.settings.get("GOEXPERIMENT") {
        evidence.push(format!("{from} sets GOEXPERIMENT={value}: not taken over"));
    }
    if evidence.is_empty() {
        return;
    }
    let mut value = "-trimpath, -s -w".to_owned();
    if let Some(fips) = plan.settings.get("GOFIPS140") {
        value.push_str(&format!(", GOFIPS140={fips}"));
    }
    if !plan.stamps.is_empty() {
        value.push_str(", the version where VERSION is given");
    }
    let otherwise = "machines that are all known to have the newer CPU";
    decisions.set(
        Topic::Compiler,
        value,
        evidence,
        otherwise,
        Some("museum/cpu-level.html"),
    );
}

pub(super) fn generated(hints: &Hints, decisions: &mut Decisions) {
    if hints.generates.is_empty() {
        return;
    }
    let lines = hints.generates.iter().take(4);
    let lines = lines.map(|(file, command)| format!("{file}: go:generate {command}"));
    decisions.set(
        Topic::Generate,
        "as it lies in the tree; go generate is never run",
        lines,
        "generated files that are not committed",
        None,
    );
}
