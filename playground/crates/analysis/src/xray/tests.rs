//! Reports and differences of images made in memory.

use super::testing::{inspected, named};
use super::*;
use crate::binary::testing::go_binary;
use crate::image::capabilities::Capabilities;
use crate::image::testing::Make;
use crate::image::tree::{NodeId, Tree};
use crate::inspect::{Inspection, Program};
use serde_json::{Value, json};
use std::sync::Arc;

fn tree(inspection: &Inspection) -> Tree<'_> {
    inspection.tree().expect("merged")
}

fn report(inspection: &Inspection) -> Report {
    image(named("made:1"), inspection, &tree(inspection))
}

fn compared(from: &Inspection, to: &Inspection) -> Difference {
    let (trees, reports) = ((tree(from), tree(to)), (report(from), report(to)));
    let side = |report, inspection, tree| Comparand {
        report,
        files: Some(Files { inspection, tree }),
    };
    difference(
        side(&reports.0, from, &trees.0),
        side(&reports.1, to, &trees.1),
    )
}

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[test]
fn a_report_tells_layers_programs_and_what_stands_out() {
    let app = go_binary("go1.23-amd64-symbols");
    let inspection = inspected(
        &json!({ "Entrypoint": ["/app"], "Env": ["PATH=/bin"], "User": "7" }),
        &[
            &[
                Make::Mode("bin/sh", 0o755, b"\x7fELF"),
                Make::Mode("bin/su", 0o4755, b"\x7fELF"),
                Make::File("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
                Make::File("lib/apk/db/installed", b"P:musl\nV:1.2\n"),
                Make::File("big/a", &[1; 700]),
                Make::File("big/b", &[1; 300]),
            ],
            &[
                Make::Mode("app", 0o755, &app),
                Make::File(".wh.big", b""),
                Make::File("src/.git/HEAD", b"ref: x"),
                Make::File("src/key", b"-----BEGIN PRIVATE KEY-----\n"),
            ],
        ],
    );
    let report = report(&inspection);
    let upper = &report.layers[1];
    assert_eq!((upper.index, &*upper.instruction), (2, "COPY 2"));
    assert_eq!((upper.added.files, upper.files), (3, 3));
    assert_eq!(
        upper.removed,
        Sum {
            files: 2,
            bytes: 1000
        }
    );
    assert_eq!(
        (&*upper.largest[0].path, upper.largest[0].bytes),
        ("/app", app.len() as u64)
    );
    assert_eq!(report.layers[0].wasted_bytes, 1000);
    assert_eq!(report.wasted.len(), 2);
    assert_eq!(
        (
            &*report.wasted[0].path,
            report.wasted[0].layer,
            report.wasted[0].by
        ),
        ("/big/a", 1, 2)
    );
    let sizes = &report.sizes;
    assert_eq!(
        sizes.unpacked_bytes - sizes.merged_bytes,
        sizes.wasted_bytes
    );
    assert_eq!(sizes.compressed_bytes, None);
    let out = report.notable.as_ref().expect("of an image");
    assert_eq!(out.shells[0].path, "/bin/sh");
    assert_eq!(
        (&*out.setuid[0].path, &*out.setuid[0].mode),
        ("/bin/su", "4755")
    );
    assert_eq!(
        (out.packages.len(), out.users.len(), out.executables.count),
        (1, 1, 3)
    );
    assert_eq!(
        (&*out.git[0].path, out.git[0].layer, out.git[0].visible),
        ("/src/.git", 2, true)
    );
    assert_eq!(out.secrets[0].path, "/src/key");
    let [program] = &report.programs[..] else {
        panic!("{:?}", report.programs);
    };
    assert_eq!(
        (&*program.path, program.layer, program.started),
        ("/app", 2, true)
    );
    assert!(program.program.code().is_some());
    assert_eq!(report.other_programs.files, 2);
}

#[test]
fn files_with_capabilities_stand_out_by_what_they_may() {
    let mut inspection = inspected(
        &json!({}),
        &[&[
            Make::Mode("bin/ping", 0o755, b"\x7fELF"),
            Make::Mode("bin/plain", 0o755, b"\x7fELF"),
        ]],
    );
    let layer = &mut inspection.image.layers[0];
    let mut entries = layer.entries.to_vec();
    entries[0].capabilities = Some(Box::new(Capabilities {
        permitted: 1 << 13,
        inheritable: 0,
        effective: true,
        root: 0,
    }));
    layer.entries = entries.into();
    let report = serde_json::to_value(report(&inspection)).expect("JSON");
    assert_eq!(
        report["stands_out"]["capabilities"],
        json!([{ "path": "/bin/ping", "capabilities": "cap_net_raw=ep", "bytes": 4 }])
    );
}

#[test]
fn the_json_has_the_fields_that_readers_rely_on() {
    let inspection = inspected(
        &json!({ "Cmd": ["/a"] }),
        &[&[Make::Mode("a", 0o755, b"#!/b\n"), Make::Link("d/l", "/a")]],
    );
    let report = report(&inspection);
    let tree = tree(&inspection);
    let whole = ReportWithTree {
        report: &report,
        tree: Some(Branch::of(&tree, NodeId::ROOT)),
    };
    let whole = serde_json::to_value(whole).expect("JSON");
    for key in [
        "xray",
        "subject",
        "sizes",
        "config",
        "layers",
        "stands_out",
        "wasted",
        "programs",
        "tree",
    ] {
        assert!(whole.get(key).is_some(), "{key} in {:?}", keys(&whole));
    }
    assert_eq!(whole["xray"], 1);
    assert_eq!(whole["subject"]["kind"], "archive");
    assert_eq!(whole["subject"]["platform"], "linux/amd64");
    assert_eq!(whole["config"]["Cmd"], json!(["/a"]));
    assert_eq!(whole["stands_out"]["tmp"], Value::Null);
    let program = &whole["programs"][0];
    assert_eq!(
        (&program["path"], &program["started"]),
        (&json!("/a"), &json!(true))
    );
    assert_eq!(program["form"]["interpreter"], "/b");
    let root = &whole["tree"];
    assert_eq!(
        (&root["name"], &root["kind"], &root["bytes"]),
        (&json!(""), &json!("directory"), &json!(5))
    );
    assert_eq!(root["children"][0]["name"], "a");
    assert_eq!(root["children"][0]["mode"], "755");
    assert_eq!(root["children"][1]["children"][0]["target"], "/a");
    assert!(
        serde_json::to_value(&report)
            .expect("JSON")
            .get("tree")
            .is_none()
    );
}

#[test]
fn one_file_of_many_names_is_one_program() {
    let app = go_binary("go1.23-amd64-symbols");
    let inspection = inspected(
        &json!({ "Cmd": ["/z"] }),
        &[&[
            Make::Mode("a", 0o755, &app),
            Make::Hard("b", "a"),
            Make::Link("z", "b"),
        ]],
    );
    let report = report(&inspection);
    assert_eq!(report.programs.len(), 1);
    assert!(report.programs[0].started);
}

#[test]
fn the_difference_names_whole_directories_that_share_a_fate() {
    let from = inspected(
        &json!({}),
        &[&[
            Make::Mode("usr/go/bin/go", 0o755, &[1; 500]),
            Make::File("usr/go/src/x", &[1; 100]),
            Make::File("usr/share/same", &[2; 50]),
            Make::File("etc/passwd", b"root:x:0:0::/:/bin/sh\n"),
            Make::File("etc/kept", b"1"),
            Make::Mode("bin/sh", 0o755, b"\x7fELF"),
            Make::File("mode", b"1"),
            Make::Owned("owner", 0o644, (0, 0), b"1"),
            Make::Link("link", "etc"),
            Make::File("was/file", b"123"),
        ]],
    );
    let to = inspected(
        &json!({}),
        &[&[
            Make::File("usr/share/same", &[2; 50]),
            Make::File("etc/passwd", b"app:x:7:7::/:\n"),
            Make::File("etc/kept", b"1"),
            Make::Mode("mode", 0o600, b"1"),
            Make::Owned("owner", 0o644, (7, 0), b"1"),
            Make::Link("link", "usr"),
            Make::File("was", b"1234"),
            Make::File("new/a", b"1"),
            Make::File("new/b", b"2"),
        ]],
    );
    let found = compared(&from, &to);
    let mut groups: Vec<_> = found
        .groups
        .iter()
        .map(|group| (&*group.path, group.change, group.files, group.bytes))
        .collect();
    groups.sort();
    assert_eq!(
        groups,
        [
            ("/bin", Change::Removed, 1, 4),
            ("/etc/kept", Change::Unchanged, 1, 1),
            ("/etc/passwd", Change::Modified, 1, 14),
            ("/link", Change::Modified, 1, 0),
            ("/mode", Change::Modified, 1, 1),
            ("/new", Change::Added, 2, 2),
            ("/owner", Change::Modified, 1, 1),
            ("/usr/go", Change::Removed, 2, 600),
            ("/usr/share", Change::Unchanged, 1, 50),
            ("/was", Change::Added, 1, 4),
            ("/was/file", Change::Removed, 1, 3),
        ]
    );
    assert_eq!(found.groups[0].path, "/usr/go");
    assert_eq!(
        found.removed,
        Sum {
            files: 4,
            bytes: 607
        }
    );
    assert_eq!(
        (
            found.modified.files,
            found.modified.from_bytes,
            found.modified.to_bytes
        ),
        (4, 24, 16)
    );
    let counts = found.counts.expect("of images");
    assert_eq!((counts.shells.from, counts.shells.to), (1, 0));
    assert_eq!((counts.files.from, counts.files.to), (10, 9));
    // Nothing is lost and nothing counted twice.
    assert_eq!(
        found.removed.bytes + found.modified.from_bytes + found.unchanged.bytes,
        found.bytes.from
    );
    assert_eq!(
        found.added.bytes + found.modified.to_bytes + found.unchanged.bytes,
        found.bytes.to
    );
}

#[test]
fn equal_images_stay_whole() {
    let made = || {
        inspected(
            &json!({}),
            &[&[Make::File("a/b", b"1"), Make::Dir("empty/")]],
        )
    };
    let found = compared(&made(), &made());
    let [group] = &found.groups[..] else {
        panic!("{:?}", found.groups);
    };
    assert_eq!((&*group.path, group.change), ("/", Change::Unchanged));
    let empty = inspected(&json!({}), &[]);
    assert_eq!(compared(&empty, &empty).groups, []);
}

#[test]
fn what_two_images_start_is_compared_whatever_its_path() {
    let (old, new) = (go_binary("go1.20-arm64"), go_binary("go1.23-amd64-symbols"));
    let from = inspected(
        &json!({ "Cmd": ["/old"] }),
        &[&[Make::Mode("old", 0o755, &old)]],
    );
    let to = inspected(
        &json!({ "Cmd": ["/new"] }),
        &[&[Make::Mode("new", 0o755, &new)]],
    );
    let found = compared(&from, &to);
    let [pair] = &found.programs[..] else {
        panic!("{:?}", found.programs);
    };
    let there = |there: &Option<ProgramSummary>| there.as_ref().map(|there| there.path.clone());
    assert_eq!(
        (there(&pair.from), there(&pair.to)),
        (Some("/old".into()), Some("/new".into()))
    );
    assert!(!pair.sections.is_empty());
    let grown: Vec<_> = pair
        .packages
        .iter()
        .map(|of| of.from.abs_diff(of.to))
        .collect();
    assert!(
        grown.is_sorted_by(|a, b| a >= b) && !grown.contains(&0),
        "{grown:?}"
    );
    assert!(
        pair.packages
            .iter()
            .any(|package| package.path == "runtime")
    );
}

#[test]
fn two_binaries_are_compared_without_files() {
    let program = |name| Arc::new(Program::of(&go_binary(name)));
    let (old, new) = (program("go1.20-arm64"), program("go1.23-amd64-symbols"));
    let (from, to) = (binary("old", old), binary("new", new));
    assert_eq!(
        (&*from.subject.platform, from.subject.kind),
        ("linux/arm64", crate::subject::SubjectKind::Binary)
    );
    let side = |report| Comparand {
        report,
        files: None,
    };
    let found = difference(side(&from), side(&to));
    assert_eq!((found.programs.len(), found.groups.len()), (1, 0));
    assert!(found.counts.is_none());
    assert_eq!(found.bytes.to, to.sizes.merged_bytes);
}

#[test]
fn links_that_lead_deeper_than_names_do_not_exhaust_the_stack() {
    let steps = vec!["d"; 200].join("/");
    let inside = format!("l/{steps}/f");
    let deep = [
        Make::Dir(&steps),
        Make::Link("l", &steps),
        Make::File(&inside, b"1"),
    ];
    let inspection = inspected(&json!({}), &[&deep]);
    let tree = tree(&inspection);
    let written = serde_json::to_string(&Branch::of(&tree, NodeId::ROOT)).expect("JSON");
    assert_eq!(written.matches("\"children\"").count(), 300);
}
