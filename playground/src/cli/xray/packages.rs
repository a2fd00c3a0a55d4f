//! A Go program's bytes by package, and an honest word on what belongs to none.

use super::page::Page;
use crate::cli::words::{bar, fit_path, of, part, share, shown, size, total};
use analysis::binary::SectionKind;
use analysis::binary::go::{Origin, Package};
use analysis::inspect::{GoCode, Program};
use analysis::xray::package_bytes;
use std::cmp::Reverse;

/// A name, and whose packages belong to it.
type Group = (&'static str, fn(Origin) -> bool);

/// Whose packages they are, in the order in which they are shown.
const GROUPS: [Group; 5] = [
    ("its own", |origin| matches!(origin, Origin::Main)),
    ("modules", |origin| matches!(origin, Origin::Module { .. })),
    ("standard library", |origin| matches!(origin, Origin::Std)),
    ("made by the compiler", |origin| {
        matches!(origin, Origin::Generated)
    }),
    ("whose is not told", |origin| {
        matches!(origin, Origin::Unknown)
    }),
];

pub(super) fn packages(page: &mut Page, program: &Program, code: &GoCode) {
    page.line("");
    page.line(
        "  Bytes by package: machine code, function table, types, variables, symbols, debug information",
    );
    let whole = total(code.packages.iter().map(package_bytes));
    for (name, is) in GROUPS {
        let mut group: Vec<&Package> = code.packages.iter().filter(|p| is(p.origin)).collect();
        if group.is_empty() {
            continue;
        }
        group.sort_by_key(|package| Reverse(package_bytes(package)));
        let bytes = sum(&group);
        let said = format!("{name}, {}", of(group.len() as u64, "package"));
        page.line(&part(bytes, whole, &bar(bytes, whole), &said));
        let width = page.columns.saturating_sub(36);
        let line = |package: &&Package| {
            let said = format!("  {}", fit_path(&shown(&package.path), width));
            part(package_bytes(package), whole, "", &said)
        };
        page.lines(&group, line, |rest| {
            part(sum(rest), whole, "", &format!("  … {} more", rest.len()))
        });
    }
    page.line("");
    attribution(page, program, code);
}

fn sum(packages: &[&Package]) -> u64 {
    total(packages.iter().map(|package| package_bytes(package)))
}

/// How much of the file has a package's name on it, and what the rest is.
fn attribution(page: &mut Page, program: &Program, code: &GoCode) {
    let totals = &code.totals;
    let mut said = format!(
        "{}: {} to Go packages",
        size(totals.code),
        share(totals.go, totals.code)
    );
    if totals.others > 0 {
        let others = share(totals.others, totals.code);
        said.push_str(&format!(", {others} is C, start-up code or the linker's"));
    }
    let nobody = share(totals.unattributed, totals.code);
    said.push_str(&format!(", {nobody} could not be attributed"));
    page.row("machine code", &said);
    let named = named(code);
    page.row(
        "whole file",
        &format!(
            "{} has a package's name on it: {}",
            share(named, program.bytes),
            charged(code)
        ),
    );
    let bytes = program.bytes.saturating_sub(named);
    let (size, share, rest) = (
        size(bytes),
        share(bytes, program.bytes),
        rest(program, code),
    );
    let said = format!("{size}, {share}, belongs to no single package: {rest}");
    page.row("the rest", &said);
}

/// All that packages were charged for.
fn named(code: &GoCode) -> u64 {
    total(code.packages.iter().map(Package::bytes))
}

/// The same by what it is.
fn charged(code: &GoCode) -> String {
    let of = |bytes: fn(&Package) -> u64| total(code.packages.iter().map(bytes));
    let totals = &code.totals;
    let table = format!(
        "{} of {} of the function table",
        size(totals.table_attributed),
        size(totals.table)
    );
    let mut said = vec![format!("machine code {}", size(totals.go)), table];
    let kinds = [
        ("stack maps", of(|package| package.stack_maps)),
        ("types", of(|package| package.types)),
        ("variables", of(|package| package.variables)),
        ("constants", of(|package| package.constants)),
        ("symbols", of(|package| package.symbols)),
        ("DWARF", of(|package| package.debug)),
        ("for the loader", of(|package| package.loader)),
    ];
    let kinds = kinds.iter().filter(|(_, bytes)| *bytes > 0);
    said.extend(kinds.map(|(kind, bytes)| format!("{kind} {}", size(*bytes))));
    said.join(", ")
}

/// What no package is charged for, the largest kind first.
fn rest(program: &Program, code: &GoCode) -> String {
    let totals = &code.totals;
    let elf = program.elf.as_ref();
    let of_kind = |kind| elf.map_or(0, |elf| elf.section_bytes(kind));
    let constants = of_kind(SectionKind::ReadOnlyData);
    let constants = constants.saturating_add(of_kind(SectionKind::GoTypes));
    let charged = |bytes: fn(&Package) -> u64| total(code.packages.iter().map(bytes));
    // Types lie among the constants, and stack maps mostly; some layouts have them with the table.
    let maps = match program.stack_maps_in() {
        SectionKind::ReadOnlyData | SectionKind::GoTypes => totals.stack_maps,
        _ => 0,
    };
    let table = match program.table_in() {
        SectionKind::ReadOnlyData => totals.table,
        _ => 0,
    };
    let among = [
        maps,
        table,
        charged(|it| it.types),
        charged(|it| it.constants),
    ];
    let constants = constants.saturating_sub(total(among.into_iter()));
    let less = |kind, bytes| of_kind(kind).saturating_sub(charged(bytes));
    let table = totals.table.saturating_sub(totals.table_attributed);
    let others = totals.others + totals.unattributed;
    let mut kinds = vec![
        ("constants and types of nobody's", constants),
        ("shared parts of the function table", table),
        ("variables", less(SectionKind::Data, |it| it.variables)),
        ("DWARF", less(SectionKind::Debug, |it| it.debug)),
        ("symbols", less(SectionKind::Symbols, |it| it.symbols)),
        ("machine code of others", others),
    ];
    let known = total(kinds.iter().map(|(_, bytes)| *bytes)).saturating_add(named(code));
    let others = program.bytes.saturating_sub(known);
    kinds.push(("headers, padding and small tables", others));
    kinds.retain(|(_, bytes)| *bytes > 0);
    kinds.sort_by_key(|(_, bytes)| Reverse(*bytes));
    let said = kinds
        .iter()
        .map(|(kind, bytes)| format!("{kind} {}", size(*bytes)));
    said.collect::<Vec<_>>().join(", ")
}
