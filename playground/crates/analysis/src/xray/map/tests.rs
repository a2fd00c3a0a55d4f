//! Maps of images made in memory, and of programs from the corpus.

use super::*;
use crate::image::testing::{Make, image_of, tar};
use crate::image::tree::Tree;
use crate::image::{Compressed, ImageSelector};
use crate::inspect::{Inspection, Program, inspect};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Read;

fn image(layers: &[&[Make<'_>]]) -> Inspection {
    let layers: Vec<_> = layers.iter().map(|entries| tar(entries)).collect();
    let archive = image_of("amd64", &json!({ "Entrypoint": ["/app"] }), &layers);
    inspect(&*archive, &ImageSelector::default(), Compressed::AsStored).expect("an image")
}

/// A Go program of the corpus.
fn program(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    let packed = std::fs::File::open(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(packed);
    reader.read_to_end(&mut bytes).expect("gzip");
    bytes
}

fn drawn_at(inspection: &Inspection, at: &str) -> Result<Map, MapError> {
    let tree = Tree::of(&inspection.image).expect("merged");
    let files = Files {
        inspection,
        tree: &tree,
    };
    map(files, &asked(at))
}

fn asked(at: &str) -> MapRequest {
    MapRequest {
        at: at.to_owned(),
        width: 960,
        height: 540,
    }
}

fn cell<'a>(map: &'a Map, name: &str) -> &'a Cell {
    let found = map.cells.iter().find(|cell| cell.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {map:#?}"))
}

fn sum(cells: &[Cell]) -> u64 {
    let outer = cells.iter().filter(|cell| cell.depth == 0);
    outer.map(|cell| cell.bytes).sum()
}

#[test]
fn directories_are_drawn_two_levels_deep_with_layers_and_marks() {
    let key = b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n".repeat(100);
    let map = drawn_at(
        &image(&[
            &[
                Make::Mode("bin/sh", 0o755, &[b'#', b'!', b'x', b'\n'].repeat(1000)),
                Make::Mode("bin/su", 0o4755, &[1; 3000]),
            ],
            &[
                Make::File("usr/share/doc/a", &[0; 5000]),
                Make::File("usr/lib.txt", &[0; 2000]),
                Make::File("root/id_rsa", &key),
            ],
        ]),
        "/",
    )
    .expect("a map");
    assert_eq!(map.bytes, 14_000 + key.len() as u64);
    assert_eq!(sum(&map.cells), map.bytes);
    let usr = cell(&map, "usr");
    assert_eq!(
        (usr.bytes, usr.depth, usr.layer, usr.opens),
        (7000, 0, Some(2), true)
    );
    assert_eq!((usr.at.as_deref(), usr.count), (Some("/usr"), 2));
    let share = cell(&map, "share");
    assert_eq!((share.depth, share.bytes), (1, 5000));
    assert_eq!(map.cells[share.of.expect("a parent")].name, "usr");
    assert!(map.cells.iter().all(|cell| cell.name != "doc"));
    let shell = cell(&map, "sh");
    assert_eq!(
        (shell.layer, &*shell.marks),
        (Some(1), &[Mark::Script, Mark::Shell][..])
    );
    assert!(!shell.opens);
    assert_eq!(cell(&map, "su").marks, [Mark::Setuid]);
    assert_eq!(cell(&map, "id_rsa").marks, [Mark::Secret]);
}

#[test]
fn odd_names_are_places_like_any_other() {
    let inspection = image(&[&[
        Make::File("a!b/ü%2e \"<c>", &[0; 100]),
        Make::File("link-to/x", &[0; 10]),
        Make::Link("ln", "link-to"),
    ]]);
    let map = drawn_at(&inspection, "/a!b").expect("a map");
    assert_eq!(
        cell(&map, "ü%2e \"<c>").at.as_deref(),
        Some("/a!b/ü%2e \"<c>")
    );
    let map = drawn_at(&inspection, "/ln").expect("a map");
    assert_eq!((&*map.at, map.bytes), ("/link-to", 10));
    let crumbs: Vec<_> = map.crumbs.iter().map(|crumb| &*crumb.at).collect();
    assert_eq!(crumbs, ["/", "/link-to"]);
}

#[test]
fn what_is_not_there_or_closed_has_no_map() {
    let inspection = image(&[&[Make::File("etc/passwd", b"root:x:0:0:::\n")]]);
    for at in [
        "/nope",
        "/nope!",
        "/etc/passwd/x",
        "!",
        "!!!",
        "/etc!",
        &"!".repeat(4000),
    ] {
        let no = drawn_at(&inspection, at).expect_err(at);
        assert!(matches!(no, MapError::NotThere(_)), "{at}: {no:?}");
    }
    for at in ["/etc/passwd", "/etc/passwd!", "/etc/passwd!.text"] {
        let no = drawn_at(&inspection, at).expect_err(at);
        assert!(matches!(no, MapError::Closed(_)), "{at}: {no:?}");
    }
    assert_eq!(
        drawn_at(&inspection, &"/a".repeat(4000)).err(),
        Some(MapError::Long)
    );
    for at in ["/../../..", "", "/etc/../"] {
        assert_eq!(drawn_at(&inspection, at).expect("the root").at, "/");
    }
}

#[test]
fn a_side_that_cannot_be_drawn_on_is_refused() {
    let inspection = image(&[&[Make::File("a", b"a")]]);
    let tree = Tree::of(&inspection.image).expect("merged");
    let files = Files {
        inspection: &inspection,
        tree: &tree,
    };
    for (width, height) in [(0, 540), (960, 0), (u32::MAX, 540), (960, 16_385)] {
        let asked = MapRequest {
            at: "/".to_owned(),
            width,
            height,
        };
        assert_eq!(map(files, &asked).err(), Some(MapError::Sides));
    }
}

#[test]
fn a_directory_of_many_files_folds_the_small_ones_into_a_rest() {
    let names: Vec<_> = (0..500).map(|n| format!("d/{n:03}")).collect();
    let mut entries: Vec<_> = names
        .iter()
        .map(|name| Make::File(name, &[0; 50]))
        .collect();
    let big = [0; 90_000];
    entries.push(Make::File("d/big", &big));
    let map = drawn_at(&image(&[&entries]), "/d").expect("a map");
    assert_eq!(map.bytes, 115_000);
    let rest = map.cells.last().expect("a rest");
    assert_eq!((rest.kind, &rest.at), (PartKind::Rest, &None));
    let shown = map.cells.len() as u64 - 1;
    assert_eq!(rest.count + shown, 501);
    assert_eq!(rest.bytes + 90_000 + (shown - 1) * 50, 115_000);
}

#[test]
fn a_go_program_opens_into_sections_modules_and_packages() {
    let bytes = program("go1.23-amd64-symbols");
    let inspection = image(&[&[Make::Mode("app", 0o755, &bytes)]]);
    let app = drawn_at(&inspection, "/").expect("a map");
    let app = cell(&app, "app");
    assert_eq!((app.opens, &*app.marks), (true, &[Mark::Go][..]));

    for at in ["/app", "/app!"] {
        let map = drawn_at(&inspection, at).expect("sections");
        assert_eq!((&*map.at, map.bytes), ("/app!", bytes.len() as u64));
        let text = cell(&map, ".text");
        assert_eq!((text.kind, text.opens), (PartKind::Section, true));
        assert_eq!(text.at.as_deref(), Some("/app!.text"));
        assert!(!cell(&map, ".rodata").opens);
        let std = cell(&map, "std");
        assert_eq!((std.kind, std.depth), (PartKind::Module, 1));
    }

    let text = drawn_at(&inspection, "/app!.text").expect("machine code");
    let section = drawn_at(&inspection, "/app!").expect("sections");
    assert_eq!(text.bytes, cell(&section, ".text").bytes, "no byte is lost");
    assert_eq!(cell(&text, "runtime").kind, PartKind::Package);
    let crumbs: Vec<_> = text.crumbs.iter().map(|c| (&*c.name, &*c.at)).collect();
    assert_eq!(
        crumbs,
        [("/", "/"), ("app", "/app!"), (".text", "/app!.text")]
    );

    let all = drawn_at(&inspection, "/app!packages").expect("all bytes");
    assert_eq!(all.bytes, bytes.len() as u64, "no byte is lost");
    let std = cell(&all, "std");
    assert!(std.bytes > cell(&text, "std").bytes);
    let inside = drawn_at(&inspection, std.at.as_deref().expect("a place")).expect("std");
    assert_eq!(inside.bytes, std.bytes);
    assert!(cell(&inside, "runtime").depth == 0 && !cell(&inside, "runtime").opens);

    for at in [
        "/app!.rodata",
        "/app!nope",
        "/app!.text!nope",
        "/app!packages!std!x",
    ] {
        assert!(drawn_at(&inspection, at).is_err(), "{at}");
    }
}

/// What says nothing about whose bytes are or what they are for.
const SAYS_NOTHING: [&str; 6] = [
    "no package could be named",
    "types, strings, embedded files",
    "variables",
    "other sections",
    "outside of sections",
    "data, types, symbols",
];

/// All parts of a program by name, as they are before small ones are folded.
fn parts(name: &str) -> BTreeMap<String, u64> {
    let program = Program::of(&program(name));
    let inside = inside::Inside::new("/app", &program).expect("a program");
    let (cells, _) = inside.parts("packages").expect("a view");
    let all: u64 = cells.iter().map(|cell| cell.bytes).sum();
    assert_eq!(all, program.bytes, "{name}: no byte is lost");
    cells
        .into_iter()
        .map(|cell| (cell.name, cell.bytes))
        .collect()
}

#[test]
fn of_a_program_at_least_95_percent_of_the_file_have_an_owner_or_a_purpose() {
    for name in [
        "go1.26-amd64-whole",
        "go1.26-arm64-whole",
        "go1.26-amd64-pie-whole",
        "go1.26-amd64-exports",
        "go1.26-amd64-static-glibc",
    ] {
        let parts = parts(name);
        let all: u64 = parts.values().sum();
        let nothing = SAYS_NOTHING.iter().filter_map(|name| parts.get(*name));
        let named = all - nothing.sum::<u64>();
        println!(
            "{name:28} {:.2} %  {parts:?}",
            100.0 * named as f64 / all as f64
        );
        assert!(named * 100 >= all * 95, "{name}: {named} of {all}");
    }
}

#[test]
fn a_small_arm64_program_is_a_twelfth_of_padding() {
    let parts = parts("go1.26-arm64-whole");
    assert!(parts["padding: zeros"] > 80_000, "{parts:?}");
    // ELF header, seven program headers, and those of its sections.
    assert!((500..3000).contains(&parts["headers"]), "{parts:?}");
    assert!(!parts.contains_key("outside of sections"), "{parts:?}");
}

#[test]
fn what_is_c_s_is_called_c_s_where_module_data_tells_where_go_s_ends() {
    let parts = parts("go1.26-amd64-static-glibc");
    assert!(parts["C's constants"] > 100_000, "{parts:?}");
    assert!(parts["C's variables"] > 5_000, "{parts:?}");
    for name in ["go1.26-amd64-whole", "go1.26-arm64-whole"] {
        let go = self::parts(name);
        assert!(
            !go.keys().any(|name| name.starts_with("C's")),
            "{name}: {go:?}"
        );
    }
}
