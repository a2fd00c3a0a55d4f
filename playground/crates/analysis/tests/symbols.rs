//! What packages weigh, held against the symbol table of the same program.

use analysis::binary::go::{Code, Hidden, Linker, Package};
use analysis::binary::{SectionKind, XRay, xray};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    let read = GzDecoder::new(&*packed).read_to_end(&mut bytes);
    read.expect("gzip");
    bytes
}

fn code<'a, 'b>(xray: &'b XRay<'a>) -> &'b Code<'a> {
    let go = xray.go.as_ref().expect("Go");
    go.code.as_ref().expect("a function table")
}

/// As UPX and sstrip leave a program for 64 bits.
fn without_section_headers(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[40..48].fill(0);
    bytes[60..64].fill(0);
    bytes
}

/// A symbol of a little-endian program for 64 bits, by another reading than ours.
struct Listed {
    name: String,
    function: bool,
    address: u64,
    bytes: u64,
}

fn symbols(file: &[u8]) -> Vec<Listed> {
    let seen = xray(file).expect("an ELF file").elf;
    let section = |name: &str| {
        let mut sections = seen.sections.iter().flatten();
        let found = sections.find(|section| section.name == name).expect(name);
        &file[found.offset as usize..][..found.file_bytes as usize]
    };
    let texts = section(".strtab");
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight"));
    let listed = |entry: &[u8]| {
        let at = u32::from_le_bytes(entry[..4].try_into().expect("four")) as usize;
        let name = texts[at..].split(|byte| *byte == 0).next().expect("text");
        Listed {
            name: String::from_utf8_lossy(name).into_owned(),
            function: entry[4] & 15 == 2,
            address: number(&entry[8..16]),
            bytes: number(&entry[16..24]),
        }
    };
    section(".symtab").chunks_exact(24).map(listed).collect()
}

/// The package at the beginning of a symbol's name, by a rule written down another time.
fn package_of(name: &str) -> Option<String> {
    let made = ["type:.eq.", "type:.hash."]
        .iter()
        .find_map(|made| name.strip_prefix(made));
    let name = made.unwrap_or(name);
    let plain = name.split(['[', '(', '{', ' ', '*']).next()?;
    let from = plain.rfind('/').map_or(0, |slash| slash + 1);
    let path = &plain[..from + plain[from..].find('.')?];
    let own = !path.is_empty() && !path.contains(':');
    own.then(|| path.replace("%2e", "."))
}

#[test]
fn a_stripped_program_s_packages_are_within_a_percent_of_its_symbol_table() {
    let whole = bytes("go1.23-amd64-symbols");
    let stripped = without_section_headers(whole.clone());
    let mut functions: Vec<_> = symbols(&whole);
    functions.retain(|symbol| symbol.function && symbol.bytes > 0);
    functions.sort_by_key(|symbol| symbol.address);
    // With the padding up to the next function, as the function table has it.
    let mut theirs: BTreeMap<String, u64> = BTreeMap::new();
    for pair in functions.windows(2) {
        let bytes = (pair[1].address - pair[0].address).min(pair[0].bytes + 32);
        if let Some(package) = package_of(&pair[0].name) {
            *theirs.entry(package).or_default() += bytes;
        }
    }
    let seen = xray(&stripped).expect("an ELF file");
    let mut compared = 0;
    for (path, bytes) in theirs.iter().filter(|(_, bytes)| **bytes > 2000) {
        let own = code(&seen).package(path).expect(path);
        // Assembly has no package in its symbols' names; the function table has its file.
        let unnamed: u64 = code(&seen)
            .functions
            .iter()
            .filter(|function| !function.name.contains('.'))
            .filter(|function| {
                let place = function.package.expect("by its file") as usize;
                code(&seen).packages[place].path == *path
            })
            .map(|function| function.bytes)
            .sum();
        let off = (own.code - unnamed).abs_diff(*bytes);
        assert!(off * 100 <= *bytes, "{path}: {} {bytes}", own.code);
        compared += 1;
    }
    assert!(compared >= 5, "{theirs:?}");
}

#[test]
fn symbols_and_what_they_name_are_charged_by_name() {
    let file = bytes("go1.23-amd64-symbols");
    let seen = xray(&file).expect("an ELF file");
    let packages = &code(&seen).packages;
    let all = symbols(&file);
    let names: u64 = all.iter().map(|symbol| symbol.name.len() as u64 + 25).sum();
    let charged: u64 = packages.iter().map(|package| package.symbols).sum();
    // The rest are types, texts and what the linker makes of all packages' parts.
    assert!(
        charged <= seen.elf.symbol_bytes && charged * 10 > names * 7,
        "{charged} of {names}"
    );
    for path in ["runtime", "main"] {
        let own = all
            .iter()
            .filter(|symbol| package_of(&symbol.name).as_deref() == Some(path));
        let bytes: u64 = own.map(|symbol| symbol.name.len() as u64 + 25).sum();
        let ours = code(&seen).package(path).expect(path).symbols;
        assert!(
            ours.abs_diff(bytes) * 100 <= bytes,
            "{path}: {ours}, {bytes}"
        );
    }
    let of = |bytes: fn(&Package) -> u64| packages.iter().map(bytes).sum::<u64>();
    let data = seen.elf.section_bytes(SectionKind::Data);
    assert!(of(|it| it.variables) <= data && of(|it| it.variables) * 2 > data);
    assert!(of(|it| it.constants) > 0);
    let sum = of(Package::bytes);
    assert!(sum < seen.bytes, "{sum} of {}", seen.bytes);
}

#[test]
fn debug_information_is_charged_by_compile_unit() {
    let file = bytes("go1.26-amd64-debug");
    let seen = xray(&file).expect("an ELF file");
    let packages = &code(&seen).packages;
    let charged: u64 = packages.iter().map(|package| package.debug).sum();
    // Location and range lists of no unit's, and abbreviations, are the rest.
    let all = seen.elf.dwarf_bytes;
    assert!(
        charged <= all && charged * 3 > all * 2,
        "{charged} of {all}"
    );
    for package in packages.iter().filter(|package| package.code > 1000) {
        assert!(package.debug > 0, "{package:?}");
    }
    // A unit's size goes with its code: the runtime has most of both.
    let most = packages.iter().max_by_key(|package| package.debug);
    assert_eq!(most.map(|package| &*package.path), Some("runtime"));
    let sum: u64 = packages.iter().map(Package::bytes).sum();
    assert!(
        sum < seen.bytes && sum * 5 > seen.bytes * 4,
        "{sum} of {}",
        seen.bytes
    );
    let go = seen.go.as_ref().expect("Go");
    assert_eq!((&go.made.linker, go.made.obfuscated), (&Linker::Go, None));
}

#[test]
fn a_program_that_hides_what_it_is_is_called_obfuscated_and_go() {
    let file = bytes("go1.26-amd64-garble");
    let seen = xray(&file).expect("an ELF file");
    let go = seen.go.as_ref().expect("Go");
    assert_eq!(go.made.obfuscated, Some(Hidden::TableAndBuild));
    let glibc = bytes("go1.23-amd64-glibc");
    let seen = xray(&glibc).expect("an ELF file");
    let made = &seen.go.as_ref().expect("Go").made;
    assert!(
        matches!(&made.linker, Linker::C(said) if said.contains("GCC")),
        "{made:?}"
    );
}

/// What programs of these shapes promise to the byte's owner: the machine code is whole, since pointers in
/// it tell the owners of constants. Without it (another CPU than these two, no section headers), what
/// only code points to has no owner; nor has what C compiled.
#[test]
fn of_a_program_at_least_95_percent_of_the_file_has_a_package_s_name_on_it() {
    for (name, promised) in [
        ("go1.26-amd64-whole", 95),
        // Parts begin at multiples of 64 KiB there: of a small program, a twelfth is padding.
        ("go1.26-arm64-whole", 91),
        ("go1.26-amd64-pie-whole", 95),
    ] {
        let file = bytes(name);
        let seen = xray(&file).expect("an ELF file");
        let sum: u64 = code(&seen).packages.iter().map(Package::bytes).sum();
        let share = 100.0 * sum as f64 / seen.bytes as f64;
        println!("{name:24} {share:.2} %");
        assert!(sum < seen.bytes, "{name}: {sum}");
        assert!(sum * 100 >= seen.bytes * promised, "{name}: {share:.2} %");
        // No section holds less than what packages have of it.
        let of = |bytes: fn(&Package) -> u64| code(&seen).packages.iter().map(bytes).sum::<u64>();
        let held = |kinds: &[SectionKind]| -> u64 {
            kinds.iter().map(|kind| seen.elf.section_bytes(*kind)).sum()
        };
        let constants = of(|it| it.constants + it.types + it.stack_maps + it.table);
        let kinds = [
            SectionKind::ReadOnlyData,
            SectionKind::GoTypes,
            SectionKind::GoFunctions,
        ];
        assert!(constants <= held(&kinds), "{name}: {constants}");
        assert!(
            of(|it| it.variables) <= held(&[SectionKind::Data]),
            "{name}"
        );
        assert!(of(|it| it.loader) <= held(&[SectionKind::Loader]), "{name}");
    }
}

/// Bytes by package that have nothing to do with symbols and debug information.
fn weights(seen: &XRay<'_>) -> BTreeMap<String, u64> {
    let bytes = |it: &Package| it.bytes() - it.symbols - it.debug;
    let packages = &code(seen).packages;
    packages
        .iter()
        .map(|it| (it.path.clone(), bytes(it)))
        .collect()
}

/// As `strip` leaves it: nothing names variables and constants.
fn without_symbols(mut file: Vec<u8>) -> Vec<u8> {
    let name = memchr::memmem::rfind(&file, b"\0.symtab\0").expect("a symbol table");
    file[name + 2] = b'x';
    file
}

/// What several packages have is nobody's, so that some bytes are missing: a percent at most of
/// each package that has a percent of the file. What is given to another package is less than 0.4 %
/// of it. Needs programs of strangers:
/// `PROGRAMS=/a:/b cargo test -p analysis --test symbols -- --ignored --nocapture`.
#[test]
#[ignore = "needs PROGRAMS: Go programs for amd64 or arm64, built without -s"]
fn packages_weigh_the_same_without_a_symbol_table() {
    let programs = std::env::var("PROGRAMS").expect("PROGRAMS");
    for program in programs.split(':') {
        let whole = std::fs::read(program).expect(program);
        let stripped = without_symbols(whole.clone());
        let (whole, stripped) = (xray(&whole).expect("ELF"), xray(&stripped).expect("ELF"));
        let loaded = whole.bytes - whole.elf.symbol_bytes - whole.elf.dwarf_bytes;
        let (theirs, ours) = (weights(&whole), weights(&stripped));
        let mut off: Vec<(i64, u64, &str)> = Vec::new();
        for (path, bytes) in &ours {
            let named = theirs.get(path).copied().unwrap_or_default();
            off.push((*bytes as i64 - named as i64, named, path));
        }
        off.sort_by_key(|(off, ..)| -off.abs());
        let more: i64 = off.iter().map(|(off, ..)| *off.max(&0)).sum();
        println!("{program}: {more} of {loaded} bytes are given to others; most off:");
        for (off, named, path) in off.iter().take(12) {
            println!("  {off:+8} of {named:8} {path}");
        }
        assert!(more * 1000 <= loaded as i64 * 4, "{program}: {more}");
        for (off, named, path) in off.iter().filter(|(_, named, _)| named * 100 >= loaded) {
            assert!(
                off.unsigned_abs() * 100 <= *named,
                "{program}: {path} {off}"
            );
        }
    }
}

#[test]
fn variables_of_a_stripped_program_are_given_to_no_other_package() {
    // The same program: one with its machine code, one with its symbols.
    let (stripped, named) = (bytes("go1.26-amd64-whole"), bytes("go1.26-amd64-debug"));
    let (stripped, named) = (xray(&stripped).expect("ELF"), xray(&named).expect("ELF"));
    let (mut more, mut all) = (0, 0);
    for package in &code(&stripped).packages {
        let theirs = code(&named).package(&package.path);
        let theirs = theirs.map_or(0, |theirs| theirs.variables);
        if package.variables > theirs {
            println!("{}: {} of {theirs}", package.path, package.variables);
        }
        more += package.variables.saturating_sub(theirs);
        all += package.variables;
    }
    // Room between them, and what nothing but another package points to: the runtime's sizes of classes.
    assert!(more * 16 <= all, "{more} of {all}");
}
