//! Programs of two sides that belong together, and where each grew or shrank.

use super::report::{ProgramIn, Report};
use crate::binary::go::{BuildInfo, Module, Package};
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
        let one = started.next()?;
        started.next().is_none().then(|| one.path.clone())
    };
    let alone = only(from).zip(only(to)).filter(|(one, other)| {
        !after.contains_key(one.as_str()) && !before.contains_key(other.as_str())
    });
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
        if let (Some(from), Some(to)) = (from.build(), to.build()) {
            pair.modules = moved(from, to);
        }
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
    package.bytes()
}

fn packages(program: &Program) -> BTreeMap<&str, u64> {
    let packages = program.packages();
    summed(packages.map(|package| (&*package.path, package_bytes(package))))
}

fn sections(program: &Program) -> BTreeMap<&str, u64> {
    let sections = program.sections();
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
    let mut grown = Vec::from_iter(differing(from, to));
    grown.sort_by_key(|(_, (from, to))| Reverse(from.abs_diff(*to)));
    let made = grown.into_iter();
    made.map(|(name, (from, to))| make(name.to_owned(), from, to))
        .collect()
}

fn versions(build: &BuildInfo) -> impl Iterator<Item = (&str, Option<&str>)> {
    let modules = build.modules.iter();
    modules.map(|module| (&*module.path, Some(version(module))))
}

fn moved(from: &BuildInfo, to: &BuildInfo) -> Vec<ModuleMoved> {
    let moved = differing(versions(from), versions(to)).into_iter();
    let moved = moved.map(|(path, (from, to))| ModuleMoved {
        path: path.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    });
    moved.collect()
}

/// What the two sides have under the same name, where it is not the same.
fn differing<'a, T: Default + PartialEq>(
    from: impl IntoIterator<Item = (&'a str, T)>,
    to: impl IntoIterator<Item = (&'a str, T)>,
) -> BTreeMap<&'a str, (T, T)> {
    let mut both: BTreeMap<&str, (T, T)> = BTreeMap::new();
    for (name, of) in from {
        both.entry(name).or_default().0 = of;
    }
    for (name, of) in to {
        both.entry(name).or_default().1 = of;
    }
    both.retain(|_, (from, to)| from != to);
    both
}

/// Of what stands in for it, where something does.
fn version(module: &Module) -> &str {
    match &module.replace {
        Some(other) if !other.version.is_empty() => &other.version,
        _ => &module.version,
    }
}
