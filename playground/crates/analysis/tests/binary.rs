//! Executables seen through: small ones by eleven linkers, from `tests/corpus/binaries`.

use analysis::binary::go::{Code, Layout, Origin};
use analysis::binary::linked::Ability;
use analysis::binary::{Form, Linkage, SectionKind, XRay, form, xray};
use analysis::inspect::Program;
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

/// A binary of the corpus, and what is known of it.
struct Known {
    name: &'static str,
    goarch: &'static str,
    go: &'static str,
    layout: Layout,
    linkage: Linkage,
    interpreter: Option<&'static str>,
}

const fn known(name: &'static str, goarch: &'static str, go: &'static str) -> Known {
    Known {
        name,
        goarch,
        go,
        layout: Layout::Go120,
        linkage: Linkage::Static,
        interpreter: None,
    }
}

const GLIBC: Option<&str> = Some("/lib64/ld-linux-x86-64.so.2");

const CORPUS: [Known; 11] = [
    Known {
        layout: Layout::Go118,
        ..known("go1.18-amd64", "amd64", "go1.18.10")
    },
    known("go1.20-arm64", "arm64", "go1.20.14"),
    Known {
        linkage: Linkage::Dynamic,
        interpreter: GLIBC,
        ..known("go1.21-amd64-pie", "amd64", "go1.21.13")
    },
    known("go1.22-riscv64", "riscv64", "go1.22.12"),
    known("go1.23-amd64-symbols", "amd64", "go1.23.9"),
    Known {
        linkage: Linkage::StaticPie,
        ..known("go1.23-amd64-glibc", "amd64", "go1.23.9")
    },
    known("go1.24-386", "386", "go1.24.0"),
    known("go1.25-arm", "arm", "go1.25.0"),
    Known {
        linkage: Linkage::Dynamic,
        interpreter: GLIBC,
        ..known("go1.26-amd64-pie", "amd64", "go1.26.4")
    },
    known("go1.27-s390x", "s390x", "go1.27.3"),
    known("go1.27-amd64-asks", "amd64", "go1.27.3"),
];

fn corpus(file: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    folder.join(file)
}

fn bytes(name: &str) -> Vec<u8> {
    let packed = std::fs::read(corpus(&format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed)
        .read_to_end(&mut bytes)
        .expect("gzip");
    bytes
}

fn code<'a, 'b>(xray: &'b XRay<'a>) -> &'b Code<'a> {
    xray.go
        .as_ref()
        .expect("Go")
        .code
        .as_ref()
        .expect("a function table")
}

/// As UPX and sstrip leave it.
fn without_section_headers(mut bytes: Vec<u8>) -> Vec<u8> {
    let (offset, count) = if bytes[4] == 2 {
        (40..48, 60..64)
    } else {
        (32..36, 48..52)
    };
    bytes[offset].fill(0);
    bytes[count].fill(0);
    bytes
}

#[test]
fn headers_say_for_whom_a_binary_is() {
    for known in &CORPUS {
        let bytes = bytes(known.name);
        let Form::Elf(head) = form(&bytes[..256]) else {
            panic!("{}", known.name);
        };
        assert_eq!(head.goarch(), Some(known.goarch), "{}", known.name);
        let xray = xray(&bytes).expect("an ELF file");
        assert_eq!(xray.elf.head, head, "{}", known.name);
        assert_eq!(xray.elf.linkage, known.linkage, "{}", known.name);
        assert_eq!(
            xray.elf.interpreter.as_deref(),
            known.interpreter,
            "{}",
            known.name
        );
        assert_eq!(
            xray.elf.pie,
            known.linkage != Linkage::Static,
            "{}",
            known.name
        );
        assert_eq!(
            xray.elf.stripped,
            known.name != "go1.23-amd64-symbols",
            "{}",
            known.name
        );
        assert!(
            xray.elf.section(SectionKind::Code).is_some(),
            "{}",
            known.name
        );
    }
}

#[test]
fn build_info_names_version_modules_and_settings() {
    for known in &CORPUS {
        let bytes = bytes(known.name);
        let xray = xray(&bytes).expect("an ELF file");
        let build = xray
            .go
            .as_ref()
            .and_then(|go| go.build.as_ref())
            .expect("there");
        assert_eq!(build.go_version, known.go);
        assert_eq!(build.setting("GOARCH"), Some(known.goarch));
        if build.minor() > Some(18) {
            assert_eq!(build.setting("-trimpath"), Some("true"), "{}", known.name);
        }
        let cgo = if known.name.ends_with("glibc") {
            "1"
        } else {
            "0"
        };
        assert_eq!(build.setting("CGO_ENABLED"), Some(cgo));
        if build.path == "example.com/tiny" {
            assert_eq!(build.modules[0].path, "example.com/dep");
            assert_eq!(build.modules[0].version, "v1.2.3");
            assert_eq!(
                build.modules[0].replace.as_ref().expect("there").path,
                "./dep"
            );
        }
    }
}

#[test]
fn nearly_all_code_is_charged_to_packages() {
    println!(
        "{:22} {:>8} {:>8} {:>7} {:>6}  share of Go's code",
        "binary", "code", "go", "others", "rest"
    );
    for known in &CORPUS {
        let bytes = bytes(known.name);
        let xray = xray(&bytes).expect("an ELF file");
        let (code, totals) = (code(&xray), code(&xray).totals);
        // Of Go's own machine code, what packages were named for.
        let share = totals.go as f64 / (totals.go + totals.unattributed) as f64;
        println!(
            "{:22} {:8} {:8} {:7} {:6}  {:.2} %",
            known.name,
            totals.code,
            totals.go,
            totals.others,
            totals.unattributed,
            100.0 * share
        );
        assert_eq!(code.layout, known.layout, "{}", known.name);
        assert_eq!(totals.code, totals.go + totals.others + totals.unattributed);
        assert!(share > 0.999, "{}", known.name);
        assert!(totals.based && code.regions.is_some(), "{}", known.name);
        let others = totals.others as f64 / totals.code as f64;
        let glibc = known.name.ends_with("glibc");
        assert!(
            if glibc { others > 0.3 } else { others < 0.001 },
            "{}: {others}",
            known.name
        );
        assert!(
            totals.table_attributed * 10 > totals.table * 8,
            "{}: {totals:?}",
            known.name
        );
        for function in &code.functions {
            assert!(!function.name.is_empty(), "{}: {function:?}", known.name);
        }
    }
}

/// Ours holds padding up to the next function, nm's does not: never less, and never more than
/// one alignment (32 bytes on amd64, the largest) for each function.
#[test]
fn packages_weigh_what_go_tool_nm_says_of_the_unstripped_twin() {
    for known in &CORPUS {
        let bytes = bytes(known.name);
        let xray = xray(&bytes).expect("an ELF file");
        let code = code(&xray);
        let ours: BTreeMap<&str, _> = code
            .packages
            .iter()
            .map(|it| (it.path.as_str(), it))
            .collect();
        let listed =
            std::fs::read_to_string(corpus(&format!("{}.nm", known.name))).expect("in the corpus");
        let (mut theirs, mut more) = (0, 0);
        for line in listed.lines() {
            let (bytes, path) = line.split_once(' ').expect("two columns");
            let bytes: u64 = bytes.parse().expect("a number");
            // "-" is C, and assembly whose names have no package: we charge that by its file.
            let Some(package) = ours.get(path) else {
                assert!(
                    path == "-" || known.name.ends_with("glibc"),
                    "{}: {line}",
                    known.name
                );
                continue;
            };
            theirs += bytes;
            more += package.code.saturating_sub(bytes);
            assert!(package.code >= bytes, "{}: {line}: {package:?}", known.name);
            let place = code
                .packages
                .iter()
                .position(|it| it.path == path)
                .map(|at| at as u32);
            let own = code.functions.iter().filter(|it| it.package == place);
            let by_file = own
                .filter(|it| !it.name.contains('.'))
                .map(|it| it.bytes)
                .sum::<u64>();
            assert!(
                package.code - bytes <= by_file + 32 * u64::from(package.functions),
                "{}: {line}: {package:?}",
                known.name
            );
        }
        println!(
            "{:22} nm {theirs:8}, ours {more:6} more ({:.1} %)",
            known.name,
            100.0 * more as f64 / theirs as f64
        );
        assert!(more * 10 < theirs, "{}", known.name);
    }
}

#[test]
fn packages_belong_to_their_modules() {
    let bytes = bytes("go1.21-amd64-pie");
    let xray = xray(&bytes).expect("an ELF file");
    let code = code(&xray);
    let origin = |path: &str| code.package(path).expect("there").origin;
    assert_eq!(origin("main"), Origin::Main);
    assert_eq!(origin("runtime"), Origin::Std);
    assert_eq!(
        origin("example.com/dep/wire.v2"),
        Origin::Module { index: 0 }
    );
    assert!(
        code.functions
            .iter()
            .any(|it| it.name.starts_with("example.com/dep/wire%2ev2.(*Set["))
    );

    let json = serde_json::to_value(&xray).expect("JSON");
    let first = &json["go"]["code"]["Ok"]["packages"][0];
    assert_eq!(first["path"], "runtime");
    assert_eq!(first["origin"], "std");
    assert_eq!(json["elf"]["linkage"], "dynamic");
}

#[test]
fn nothing_is_lost_without_section_headers() {
    for known in &CORPUS {
        let whole = bytes(known.name);
        let cut = without_section_headers(whole.clone());
        let (whole, cut) = (
            xray(&whole).expect("an ELF file"),
            xray(&cut).expect("an ELF file"),
        );
        assert!(cut.elf.sections.is_none());
        assert_eq!(cut.elf.linkage, whole.elf.linkage);
        assert_eq!(cut.elf.needed, whole.elf.needed);
        // Only sections lead to symbols, and tell where pointers may lead.
        let mut packages = code(&whole).packages.clone();
        for package in &mut packages {
            (package.variables, package.constants) = (0, 0);
            (package.symbols, package.debug) = (0, 0);
            package.loader = 0;
        }
        packages.retain(|package| package.bytes() > 0);
        assert_eq!(code(&cut).packages, packages, "{}", known.name);
        assert_eq!(
            cut.go.as_ref().and_then(|go| go.build.as_ref()),
            whole.go.as_ref().and_then(|go| go.build.as_ref())
        );
    }
}

#[test]
fn stack_maps_lie_among_constants_or_behind_the_table() {
    for (name, behind_the_table) in [
        ("go1.20-arm64", false),
        ("go1.23-amd64-symbols", false),
        ("go1.26-amd64-pie", true),
        ("go1.27-amd64-asks", true),
    ] {
        let program = Program::of(&bytes(name));
        let kind = program.stack_maps_in();
        assert_eq!(kind == SectionKind::GoFunctions, behind_the_table, "{name}");
    }
}

#[test]
fn abilities_are_told_by_functions() {
    let bytes = bytes("go1.27-amd64-asks");
    let xray = xray(&bytes).expect("an ELF file");
    let code = code(&xray);
    assert_eq!(code.evidence(Ability::TimeZones), ["time.LoadLocation"]);
    assert_eq!(code.evidence(Ability::Users), ["os/user.Current"]);
    assert_eq!(code.evidence(Ability::TemporaryFiles), ["os.MkdirTemp"]);
    for absent in [
        Ability::TlsClient,
        Ability::OwnTimeZones,
        Ability::OwnRoots,
        Ability::Listen,
    ] {
        assert!(code.evidence(absent).is_empty(), "{absent:?}");
    }
    assert!(code.mentions("main.main") && !code.mentions("main.mai") && !code.mentions("ain.main"));
}

/// Nobody who runs a program reads symbols or debug information: a file that was cut off among
/// them still has what is left.
#[test]
fn what_is_not_loaded_may_reach_beyond_the_file() {
    let mut file = bytes("go1.23-amd64-symbols");
    let seen = xray(&file).expect("an ELF file").elf;
    let (place, strings) = seen
        .sections
        .iter()
        .flatten()
        .enumerate()
        .find(|(_, section)| section.name == ".strtab")
        .map(|(at, section)| (at + 1, section.clone()))
        .expect("symbols");
    // `sh_size` in the section headers, which begin at `e_shoff`.
    let headers = u64::from_le_bytes(file[40..48].try_into().expect("eight")) as usize;
    let size = headers + place * 64 + 32;
    file[size..size + 8].copy_from_slice(&(1_u64 << 30).to_le_bytes());
    let cut = xray(&file).expect("it runs").elf;
    assert!(!seen.stripped && !cut.stripped);
    let found = cut.sections.iter().flatten().nth(place - 1).expect("there");
    assert_eq!(found.file_bytes, file.len() as u64 - strings.offset);
}
