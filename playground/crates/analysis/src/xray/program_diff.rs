//! Programs of two sides that belong together, and where each grew or shrank.

use super::report::{ProgramIn, Report};
use crate::binary::go::Package;
use crate::inspect::Program;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A program on both sides, or a Go program of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Its path: the second's, where both have it.
    pub path: String,
    /// In the first.
    pub from: Option<ProgramSummary>,
    /// In the second.
    pub to: Option<ProgramSummary>,
    /// Packages that grew, shrank, came or left, the largest difference first; none unless
    /// both are Go programs.
    pub packages: Vec<PackageGrown>,
    /// Sections that did.
    pub sections: Vec<SectionGrown>,
    /// Modules of another version, and those that came or left.
    pub modules: Vec<ModuleMoved>,
}

/// A program on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProgramSummary {
    /// Its path.
    pub path: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of machine code.
    pub code_bytes: u64,
    /// `go1.23.9`; `None` where it is not told.
    pub go_version: Option<String>,
    /// Whether it is started.
    pub started: bool,
}

/// A package's machine code, table and stack maps before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageGrown {
    /// Its import path.
    pub path: String,
    /// Bytes in the first.
    pub from: u64,
    /// Bytes in the second.
    pub to: u64,
}

/// A section before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionGrown {
    /// Its name.
    pub name: String,
    /// Bytes of the file in the first.
    pub from: u64,
    /// Bytes of the file in the second.
    pub to: u64,
}

/// A module of another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleMoved {
    /// Its path.
    pub path: String,
    /// Its version in the first; `None` where it is not there.
    pub from: Option<String>,
    /// Its version in the second; `None` where it is not there.
    pub to: Option<String>,
}

/// By path; else, where exactly one program is started on each side, these two.
pub(super) fn pairs(from: &Report, to: &Report) -> Vec<Pair> {
    let mut before: BTreeMap<&str, &ProgramIn> = by_path(from);
    let after = by_path(to);
    let only = |report: &'_ Report| -> Option<String> {
        let mut started = report.programs.iter().filter(|program| program.started);
        match (started.next(), started.next()) {
            (Some(one), None) => Some(one.path.clone()),
            _ => None,
        }
    };
    let alone = match (only(from), only(to)) {
        (Some(one), Some(other)) if !after.contains_key(&*one) && !before.contains_key(&*other) => {
            Some((one, other))
        }
        _ => None,
    };
    let mut pairs = Vec::new();
    for program in &to.programs {
        let partner = match &alone {
            Some((one, other)) if *other == program.path => before.remove(&**one),
            _ => before.remove(&*program.path),
        };
        pairs.push(pair(partner, Some(program)));
    }
    // In the order of the report: started ones, then the largest.
    let left = from.programs.iter();
    let left = left.filter(|program| before.contains_key(&*program.path));
    pairs.extend(left.map(|program| pair(Some(program), None)));
    pairs
}

fn by_path(report: &Report) -> BTreeMap<&str, &ProgramIn> {
    let programs = report.programs.iter();
    programs.map(|program| (&*program.path, program)).collect()
}

fn pair(from: Option<&ProgramIn>, to: Option<&ProgramIn>) -> Pair {
    let path = to.or(from).map_or("", |program| &program.path);
    let mut pair = Pair {
        path: path.to_owned(),
        from: from.map(summary),
        to: to.map(summary),
        packages: Vec::new(),
        sections: Vec::new(),
        modules: Vec::new(),
    };
    if let (Some(from), Some(to)) = (from, to) {
        let (from, to) = (&from.program, &to.program);
        if from.code().is_some() && to.code().is_some() {
            pair.packages = grown(packages(from), packages(to), |path, from, to| {
                PackageGrown { path, from, to }
            });
        }
        pair.sections = grown(sections(from), sections(to), |name, from, to| {
            SectionGrown { name, from, to }
        });
        pair.modules = moved(from, to);
    }
    pair
}

fn summary(program: &ProgramIn) -> ProgramSummary {
    let of = &program.program;
    ProgramSummary {
        path: program.path.clone(),
        bytes: of.bytes,
        code_bytes: of.elf.as_ref().map_or(0, |elf| elf.code_bytes),
        go_version: of.build().map(|build| build.go_version.clone()),
        started: program.started,
    }
}

/// Bytes of the file that a package was charged for.
pub fn package_bytes(package: &Package) -> u64 {
    let parts = [package.code, package.table, package.stack_maps];
    parts.into_iter().fold(0, u64::saturating_add)
}

fn packages(program: &Program) -> BTreeMap<&str, u64> {
    let packages = program.code().into_iter().flat_map(|code| &code.packages);
    summed(packages.map(|package| (&*package.path, package_bytes(package))))
}

fn sections(program: &Program) -> BTreeMap<&str, u64> {
    let elf = program.elf.iter();
    let sections = elf.flat_map(|elf| elf.sections.iter().flatten());
    summed(sections.map(|section| (&*section.name, section.file_bytes)))
}

/// Names may come twice in a hostile file.
fn summed<'a>(all: impl Iterator<Item = (&'a str, u64)>) -> BTreeMap<&'a str, u64> {
    let mut sums = BTreeMap::new();
    for (name, bytes) in all {
        let sum: &mut u64 = sums.entry(name).or_default();
        *sum = sum.saturating_add(bytes);
    }
    sums
}

fn grown<T>(
    from: BTreeMap<&str, u64>,
    to: BTreeMap<&str, u64>,
    make: impl Fn(String, u64, u64) -> T,
) -> Vec<T> {
    let mut both: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (name, bytes) in from {
        both.entry(name).or_default().0 = bytes;
    }
    for (name, bytes) in to {
        both.entry(name).or_default().1 = bytes;
    }
    let mut differing: Vec<_> = both.into_iter().filter(|(_, (a, b))| a != b).collect();
    differing.sort_by_key(|(_, (from, to))| Reverse(from.abs_diff(*to)));
    let made = differing.into_iter();
    made.map(|(name, (from, to))| make(name.to_owned(), from, to))
        .collect()
}

fn moved(from: &Program, to: &Program) -> Vec<ModuleMoved> {
    let (Some(before), Some(after)) = (from.build(), to.build()) else {
        return Vec::new();
    };
    let mut both: BTreeMap<&str, (Option<&str>, Option<&str>)> = BTreeMap::new();
    for module in &before.modules {
        both.entry(&module.path).or_default().0 = Some(version(module));
    }
    for module in &after.modules {
        both.entry(&module.path).or_default().1 = Some(version(module));
    }
    let moved = both.into_iter().filter(|(_, (a, b))| a != b);
    let moved = moved.map(|(path, (from, to))| ModuleMoved {
        path: path.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    });
    moved.collect()
}

/// Of what stands in for it, where something does.
fn version(module: &crate::binary::go::Module) -> &str {
    match &module.replace {
        Some(other) if !other.version.is_empty() => &other.version,
        _ => &module.version,
    }
}
