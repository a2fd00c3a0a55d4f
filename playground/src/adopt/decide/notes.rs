//! Decisions that sources and build files tell beside the command: zones, the compiler, generated code.

use crate::adopt::facts::ModuleFacts;
use crate::adopt::gomod::join;
use crate::adopt::hints::Hints;
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::tree::WorkingTree;
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

pub(super) fn compiler(hints: &Hints, plan: &mut Plan, decisions: &mut Decisions) {
    let mut evidence = Vec::new();
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
    let value = match plan.settings.get("GOFIPS140") {
        Some(fips) => format!("-trimpath, -s -w, GOFIPS140={fips}"),
        None => "-trimpath, -s -w".into(),
    };
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
