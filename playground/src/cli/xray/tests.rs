//! What people see, of images made in memory and binaries of the corpus.

use super::*;
use crate::cli::words::pad;
use analysis::binary::testing::go_binary;
use analysis::binary::{BinaryError, PathKind, SearchPath};
use analysis::image::testing::Make;
use analysis::inspect::Program;
use analysis::subject::{SubjectKind, SubjectName};
use analysis::xray::testing::{inspected, named};
use clap::Parser;
use console::measure_text_width;
use policy::sanitize::testing::{ATTACKS, assert_harmless};
use serde_json::json;

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn args(more: &[&str]) -> Args {
    let line = ["xray", "made:1"].iter().chain(more);
    Line::parse_from(line).args
}

fn opened(inspection: Inspection) -> Opened {
    Opened::Image(Box::new(inspection))
}

fn told(more: &[&str], opened: &Opened) -> String {
    render(&args(more), named("made:1"), opened).expect("told")
}

fn app() -> Vec<u8> {
    go_binary("go1.23-amd64-symbols")
}

fn small() -> Opened {
    let app = app();
    opened(inspected(
        &json!({ "Entrypoint": ["/app", "two words"], "User": "7", "ExposedPorts": { "80/tcp": {} } }),
        &[
            &[
                Make::File("etc/ssl/certs/ca-certificates.crt", &[b'x'; 2000]),
                Make::File("gone", &[1; 3000]),
            ],
            &[
                Make::Mode("app", 0o755, &app),
                Make::File(".wh.gone", b""),
                Make::Link("bin", "usr/bin"),
            ],
        ],
    ))
}

#[test]
fn an_image_is_told_from_layer_to_package() {
    let text = told(&["--layers"], &small());
    for said in [
        "made:1  linux/amd64  sha256:",
        "/app 'two words', as 7, on 80/tcp",
        "in 2 layers, 4 files",
        "3.0 kB that nobody can reach",
        "COPY 2",
        "removes 1 file, 3.0 kB",
        "wastes 3.0 kB",
        "/gone",
        "shells            none",
        "/etc/ssl/certs/ca-certificates.crt",
        "layer 2, which the image starts",
        "go1.23.9",
        ".gopclntab",
        "standard library",
        "runtime",
        "to Go packages",
        "belongs to no single package",
    ] {
        assert!(text.contains(said), "{said:?} in:\n{text}");
    }
}

#[test]
fn a_program_can_be_shown_from_within_its_image() {
    let text = told(&["--path", "/app"], &small());
    assert!(text.starts_with("made:1:/app  "), "{text}");
    assert!(
        text.contains("linkage") && !text.contains("Layers"),
        "{text}"
    );
    let told = render(&args(&["--path", "/nowhere"]), named("made:1"), &small());
    let error = format!("{:#}", told.expect_err("it is not there"));
    assert!(
        error.contains("/nowhere") && error.contains("next:"),
        "{error}"
    );
}

#[test]
fn the_numbers_of_attribution_add_up_to_the_file() {
    let program = Program::of(&app());
    let packages = &program.code().expect("a function table").packages;
    let named: u64 = packages.iter().map(|package| package.bytes()).sum();
    assert!(named < program.bytes);
    let binary = Opened::Binary(program.into());
    let text = render(
        &args(&[]),
        SubjectName {
            kind: SubjectKind::Binary,
            name: "app".into(),
        },
        &binary,
    );
    let text = text.expect("told");
    let rest = crate::cli::words::size(match &binary {
        Opened::Binary(program) => program.bytes - named,
        Opened::Image(_) => unreachable!(),
    });
    assert!(
        text.contains(&format!("the rest          {rest}")),
        "{text}"
    );
}

#[test]
fn no_line_is_wider_than_the_terminal_and_nothing_commands_it() {
    let long = "d/".repeat(120);
    let (hostile, deep) = ("evil\x1b[2J\u{202e}\nname", format!("{long}file"));
    let image = opened(inspected(
        &json!({ "Cmd": ["/\u{1b}]0;x\u{7}", "x".repeat(500)], "User": "a\nb" }),
        &[
            &[
                Make::Mode(hostile, 0o4755, &[1; 900]),
                Make::File(&deep, &[1; 900]),
            ],
            &[Make::File(".wh.evil\x1b[2J\u{202e}\nname", b"")],
        ],
    ));
    for more in [&["--all"][..], &["--layers", "--depth", "64"], &[]] {
        let text = told(more, &image);
        for line in text.lines() {
            assert!(measure_text_width(line) <= 160, "{line}");
        }
        let commands = |c: char| c.is_control() && c != '\n';
        assert!(
            !text.contains(commands) && !text.contains('\u{202e}'),
            "{text:?}"
        );
    }
}

/// All that an image may name is an attack; `more` lies in it besides.
fn attacking(more: &str) -> Opened {
    let passwd: String = ATTACKS.map(|name| format!("{name}:x:1:1:::\n")).concat();
    let packages = ATTACKS
        .map(|name| format!("P:{name}\nV:{name}\n\n"))
        .concat();
    let script = format!("#!{}\n", ATTACKS[4]);
    let scripts = ATTACKS.map(|name| format!("s/{name}"));
    let links = ATTACKS.map(|name| format!("l/{name}"));
    let mut entries = vec![
        Make::File("etc/passwd", passwd.as_bytes()),
        Make::File("lib/apk/db/installed", packages.as_bytes()),
        Make::File(more, b"1"),
    ];
    for (i, name) in ATTACKS.iter().enumerate() {
        entries.push(Make::Mode(name, 0o4755, &[1; 900]));
        entries.push(Make::Mode(&scripts[i], 0o755, script.as_bytes()));
        entries.push(Make::Link(&links[i], name));
    }
    let config = json!({
        "Entrypoint": ATTACKS, "Cmd": ATTACKS, "User": ATTACKS[1], "WorkingDir": ATTACKS[0],
        "ExposedPorts": { (ATTACKS[4]): {} }, "Env": ATTACKS, "StopSignal": ATTACKS[1],
    });
    opened(inspected(&config, &[&entries]))
}

#[test]
fn no_image_gives_a_terminal_or_a_runner_commands() {
    let image = attacking("one");
    for name in ATTACKS {
        for more in [
            &[][..],
            &["--all"],
            &["--layers", "--depth", "64"],
            &["--path", "/s"],
        ] {
            let text = render(&args(more), named(name), &image).expect("told");
            assert_harmless(&text);
        }
        let other = attacking("two");
        let sides = ((named(name), &image), (named(name), &other));
        let text = render_difference(&args(&["--all"]), sides.0, sides.1);
        assert_harmless(&text.expect("told"));
    }
}

#[test]
fn json_is_harmless_and_means_what_the_image_says() {
    let image = attacking("one");
    for name in ATTACKS {
        let json = render(&args(&["--json"]), named(name), &image).expect("told");
        assert_harmless(&json);
        let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(report["subject"]["name"], name);
        assert_eq!(report["config"]["Entrypoint"], json!(ATTACKS));
        let other = attacking("two");
        let sides = ((named(name), &image), (named(name), &other));
        let json = render_difference(&args(&["--json"]), sides.0, sides.1);
        assert_harmless(&json.expect("told"));
    }
}

#[test]
fn a_program_says_nothing_but_text() {
    for attack in ATTACKS {
        let mut program = Program::of(&app());
        program.error = Some(BinaryError::NotElf(attack.into()).into());
        let elf = program.elf.as_mut().expect("an ELF file");
        elf.interpreter = Some(attack.into());
        elf.search_path = Some(SearchPath {
            kind: PathKind::Runpath,
            directories: attack.into(),
        });
        elf.needed = ATTACKS.map(String::from).into();
        let sections = elf.sections.iter_mut().flatten();
        sections.for_each(|section| section.name = attack.into());
        let build = program.go.as_mut().and_then(|go| go.build.as_mut());
        let build = build.expect("build info");
        build.go_version = attack.into();
        build.path = attack.into();
        build.settings = ATTACKS.map(|name| (name.into(), name.into())).into();
        let binary = Opened::Binary(program.into());
        for more in [&[][..], &["--all"], &["--json"]] {
            let told = render(&args(more), named(attack), &binary).expect("told");
            assert_harmless(&told);
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let names: Vec<_> = (0..40).map(|n| format!("f{n:02}")).collect();
    let files: Vec<_> = names
        .iter()
        .map(|name| Make::File(name, &[1; 100]))
        .collect();
    let image = opened(inspected(&json!({}), &[&files]));
    let short = told(&[], &image);
    assert!(
        short.contains("3.0 kB") && short.contains("… 30 more"),
        "{short}"
    );
    let all = told(&["--all"], &image);
    assert!(
        names.iter().all(|name| all.contains(&**name)) && !all.contains("more"),
        "{all}"
    );
}

#[test]
fn a_difference_tells_what_left_and_where_a_program_grew() {
    let stripped = go_binary("go1.27-amd64-asks");
    let bigger = opened(inspected(
        &json!({ "Cmd": ["/app"] }),
        &[&[
            Make::Mode("app", 0o755, &app()),
            Make::Mode("bin/sh", 0o755, b"\x7fELF"),
            Make::File("usr/share/doc/x", &[1; 5000]),
        ]],
    ));
    let smaller = opened(inspected(
        &json!({ "Cmd": ["/app"] }),
        &[&[Make::Mode("app", 0o755, &stripped)]],
    ));
    let sides = |more: &[&str]| {
        let (from, to) = ((named("big"), &bigger), (named("small"), &smaller));
        render_difference(&args(more), from, to).expect("told")
    };
    let text = sides(&[]);
    for said in [
        "big → small",
        "shells            1 → 0",
        "files             3 → 1",
        "Left  2 files",
        "/usr",
        "Changed  1 file",
        "go1.23.9 → go1.27.3",
        "sections that grew or shrank",
        "packages that grew or shrank",
    ] {
        assert!(text.contains(said), "{said:?} in:\n{text}");
    }
    let difference: serde_json::Value = serde_json::from_str(&sides(&["--json"])).expect("JSON");
    assert_eq!(
        difference["counts"]["shells"],
        json!({ "from": 1, "to": 0 })
    );
    let text = sides(&["--path", "/app"]);
    assert!(
        text.starts_with("big:/app → small:/app") && !text.contains("shells"),
        "{text}"
    );
}

#[test]
fn an_empty_image_is_no_error() {
    let image = opened(inspected(&json!({}), &[]));
    let text = told(&[], &image);
    assert!(
        text.contains("it names no command") && text.contains("empty image"),
        "{text}"
    );
    assert_eq!(pad("", 0), "");
}
