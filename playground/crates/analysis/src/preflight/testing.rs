//! Programs and images made in memory, and what preflight says of them, for the rules' tests.

pub(crate) use crate::entrypoint::testing::*;

use super::{Finding, Severity, TargetPlatform, preflight, preflight_as};
use crate::binary::Elf;
use crate::binary::called::Use;
use crate::binary::go::{BuildInfo, Layout, Made, Totals};
use crate::binary::linked::Ability;
use crate::image::capabilities::Capabilities;
use crate::inspect::{GoCode, GoProgram, Inspection, Program};
use crate::manifest::Manifest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A dynamic one for amd64: its interpreter, the libraries it needs, and where to look for them
/// (DT_RUNPATH).
pub(crate) fn dynamic(interpreter: &str, needed: &[&str], runpath: &str) -> Vec<u8> {
    dynamic_with(interpreter, needed, (29, runpath))
}

/// The same with DT_RPATH, as older linkers wrote it.
pub(crate) fn dynamic_rpath(interpreter: &str, needed: &[&str], rpath: &str) -> Vec<u8> {
    dynamic_with(interpreter, needed, (15, rpath))
}

fn dynamic_with(interpreter: &str, needed: &[&str], (tag, path): (u64, &str)) -> Vec<u8> {
    const HEADERS: usize = 64 + 3 * 56;
    let mut names = vec![0];
    let mut entries: Vec<(u64, u64)> = Vec::new();
    for (tag, name) in needed
        .iter()
        .map(|name| (1, *name))
        .chain((!path.is_empty()).then_some((tag, path)))
    {
        entries.push((tag, names.len() as u64));
        names.extend(name.as_bytes());
        names.push(0);
    }
    let table = HEADERS;
    let text = table + (entries.len() + 2) * 16;
    entries.push((5, text as u64));
    entries.push((0, 0));
    let interp = text + names.len();
    let end = interp + interpreter.len() + 1;
    let mut bytes = elf();
    bytes[16] = 3;
    bytes[32] = 64;
    bytes[56] = 3;
    let mut header = |kind: u32, offset: usize, length: usize| {
        bytes.extend(kind.to_le_bytes());
        bytes.extend(4u32.to_le_bytes());
        for value in [offset, offset, offset, length, length, 1] {
            bytes.extend((value as u64).to_le_bytes());
        }
    };
    header(1, 0, end);
    header(2, table, entries.len() * 16);
    // A library has none.
    let kind = if interpreter.is_empty() { 4 } else { 3 };
    header(kind, interp, interpreter.len() + 1);
    for (tag, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(names);
    bytes.extend(interpreter.as_bytes());
    bytes.push(0);
    bytes
}

/// `ENTRYPOINT ["/app"]`.
pub(crate) fn app() -> Value {
    json!({ "Entrypoint": ["/app"] })
}

fn program_at<'a>(inspection: &'a mut Inspection, path: &str) -> &'a mut Program {
    let id = {
        let tree = tree(inspection);
        let node = tree.node(tree.lookup(path).expect("there"));
        node.id.expect("a file")
    };
    let passed = inspection.seen.get_mut(id).expect("seen");
    Arc::make_mut(passed.program.as_mut().expect("a program"))
}

/// The ELF facts of the file at a path, to change them.
pub(crate) fn elf_at<'a>(inspection: &'a mut Inspection, path: &str) -> &'a mut Elf {
    program_at(inspection, path).elf.as_mut().expect("ELF")
}

/// Gives the file at a path capabilities, as `setcap` would.
pub(crate) fn set_capabilities(inspection: &mut Inspection, path: &str, rights: Capabilities) {
    let id = {
        let tree = tree(inspection);
        let node = tree.node(tree.lookup(path).expect("there"));
        node.id.expect("a file")
    };
    let layer = &mut inspection.image.layers[id.layer as usize];
    let mut entries = layer.entries.to_vec();
    entries[id.entry as usize].capabilities = Some(Box::new(rights));
    layer.entries = entries.into();
}

/// Makes the file at a path a Go program, seen through, that can do this; `cgo` is the
/// setting CGO_ENABLED.
pub(crate) fn make_go(
    inspection: &mut Inspection,
    path: &str,
    cgo: &str,
    can: &[(Ability, &'static str)],
) {
    let program = program_at(inspection, path);
    let mut all: BTreeMap<Ability, Vec<&'static str>> = BTreeMap::new();
    for (ability, name) in can {
        all.entry(*ability).or_default().push(name);
    }
    program.go = Some(Box::new(GoProgram {
        build: Some(BuildInfo {
            go_version: "go1.23.9".into(),
            path: "example.com/app".into(),
            main: None,
            modules: Vec::new(),
            settings: vec![("CGO_ENABLED".into(), cgo.into())],
        }),
        made: Made::default(),
        code: Some(GoCode {
            layout: Layout::Go120,
            packages: Vec::new(),
            totals: Totals::default(),
            regions: None,
            can: all,
            uses: Vec::new(),
            pruning: None,
        }),
        error: None,
    }));
}

/// Makes the Go program at a path do this.
pub(crate) fn make_use(
    inspection: &mut Inspection,
    path: &str,
    ability: Ability,
    call: &'static str,
    with: &str,
) {
    let go = program_at(inspection, path).go.as_mut();
    let code = go.and_then(|go| go.code.as_mut()).expect("code");
    code.uses.push(Use {
        ability,
        from_main: true,
        call,
        with: with.to_owned(),
        by: "main.main".to_owned(),
    });
}

/// The build info of the Go program at a path, to change it.
pub(crate) fn build_at<'a>(inspection: &'a mut Inspection, path: &str) -> &'a mut BuildInfo {
    let go = program_at(inspection, path).go.as_mut();
    go.and_then(|go| go.build.as_mut()).expect("build info")
}

/// Adds a build setting to a Go program.
pub(crate) fn set(inspection: &mut Inspection, path: &str, name: &str, value: &str) {
    let go = program_at(inspection, path).go.as_mut().expect("Go");
    let build = go.build.as_mut().expect("settings");
    build.settings.push((name.into(), value.into()));
}

/// `severity rule`, of everything but the advice that nearly every small image gets.
pub(crate) fn said(inspection: &Inspection, target: &TargetPlatform) -> Vec<String> {
    worded(&preflight(inspection, target).expect("a tree"))
}

fn worded(found: &[Finding]) -> Vec<String> {
    let words = |finding: &Finding| {
        assert!(
            !finding.evidence.is_empty() && !finding.fix.is_empty(),
            "{finding:?}"
        );
        let fails = finding.severity == Severity::WillFail;
        assert_eq!(finding.when.is_some(), fails, "{finding:?}");
        format!("{}: {}", finding.severity.words(), finding.rule)
    };
    let usual = ["advice: runs-as-root", "advice: unsupported-go"];
    let said = found.iter().map(words);
    said.filter(|said| !usual.contains(&said.as_str()))
        .collect()
}

/// The same of the only container of a manifest.
pub(crate) fn said_as(inspection: &Inspection, manifest: &str) -> Vec<String> {
    let manifest = Manifest::read(manifest.as_bytes()).expect("a manifest");
    let container = manifest.choose(None, None).expect("one container");
    let found = preflight_as(inspection, &TargetPlatform::default(), container);
    worded(&found.expect("a tree"))
}

/// The same, of an engine of which nothing is known.
pub(crate) fn found(config: &Value, entries: &[Make<'_>]) -> Vec<String> {
    said(&image(config, entries), &TargetPlatform::default())
}

/// Holds (command, user, the one finding or none) against an image of these files.
#[track_caller]
pub(crate) fn told_of_commands(files: &[Make<'_>], cases: &[(&str, &str, &str)]) {
    for (command, user, said) in cases {
        let said: Vec<_> = Some(*said)
            .filter(|said| !said.is_empty())
            .into_iter()
            .collect();
        let config = json!({ "Cmd": [command], "User": user });
        assert_eq!(found(&config, files), said, "{command}");
    }
}

/// An ability, and the function or package that says so.
pub(crate) type Can = (Ability, &'static str);

pub(crate) const NOTHING: [&str; 0] = [];

/// What is said of `/app`, a Go program, in an image with these files besides.
pub(crate) fn go(config: Value, cgo: &str, can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    let elf = elf();
    let mut all = vec![Make::Mode("app", 0o755, &elf)];
    all.extend_from_slice(files);
    let mut config = config;
    config["Entrypoint"] = json!(["/app"]);
    let mut inspection = image(&config, &all);
    make_go(&mut inspection, "/app", cgo, can);
    said(&inspection, &TargetPlatform::default())
}

/// The same of a program whose own code does this, too: what it needs, what it calls, with what.
pub(crate) fn go_does(
    config: Value,
    does: &[(Ability, &'static str, &str)],
    can: &[Can],
    files: &[Make<'_>],
) -> Vec<String> {
    let elf = elf();
    let mut all = vec![Make::Mode("app", 0o755, &elf)];
    all.extend_from_slice(files);
    let mut config = config;
    config["Entrypoint"] = json!(["/app"]);
    let mut inspection = image(&config, &all);
    make_go(&mut inspection, "/app", "0", can);
    for (ability, call, with) in does {
        make_use(&mut inspection, "/app", *ability, call, with);
    }
    said(&inspection, &TargetPlatform::default())
}

/// The same in an image that says nothing else.
pub(crate) fn go_with(can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    go(json!({}), "0", can, files)
}

/// The same with these variables.
pub(crate) fn go_env(env: &[&str], can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    go(json!({ "Env": env }), "0", can, files)
}

/// The same as this user.
pub(crate) fn go_as(user: &str, can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    go(json!({ "User": user }), "0", can, files)
}
