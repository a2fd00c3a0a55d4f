//! What left, came, changed and stayed between two, and where programs grew or shrank.

use super::page::Page;
use crate::cli::words::{CELLS, bar, count, fit_path, of, shown, size, total};
use analysis::xray::{Change, Difference, FromTo, Group, Pair, ProgramSummary};
use std::borrow::Cow;

pub(super) fn difference(page: &mut Page, difference: &Difference) {
    let (from, to) = (&difference.from.name, &difference.to.name);
    page.line(&format!("{} → {}", shown(from), shown(to)));
    page.row("bytes", &moved(difference.bytes.from, difference.bytes.to));
    if let Some(counts) = &difference.counts {
        for (name, counted) in [
            ("files", counts.files),
            ("executables", counts.executables),
            ("shells", counts.shells),
            ("package managers", counts.package_managers),
            ("packages", counts.packages),
            ("setuid, setgid", counts.setuid),
        ] {
            let FromTo { from, to } = counted;
            page.row(name, &format!("{} → {}", count(from), count(to)));
        }
        for (change, title) in [
            (Change::Removed, "Left"),
            (Change::Added, "Came"),
            (Change::Modified, "Changed"),
            (Change::Unchanged, "Stayed"),
        ] {
            groups(page, difference, change, title);
        }
    }
    for pair in &difference.programs {
        program(page, pair);
    }
    alone(page, "Programs that left", difference, |pair| {
        pair.from.as_ref().filter(|_| pair.to.is_none())
    });
    alone(page, "Programs that came", difference, |pair| {
        pair.to.as_ref().filter(|_| pair.from.is_none())
    });
}

/// `911 MB → 6.31 MB (−904 MB, 144 times smaller)`
fn moved(from: u64, to: u64) -> String {
    format!("{} → {} ({})", size(from), size(to), signed(from, to))
}

fn signed(from: u64, to: u64) -> String {
    match from.cmp(&to) {
        std::cmp::Ordering::Greater => format!("−{}", size(from - to)),
        std::cmp::Ordering::Less => format!("+{}", size(to - from)),
        std::cmp::Ordering::Equal => "the same".into(),
    }
}

fn groups(page: &mut Page, difference: &Difference, change: Change, title: &str) {
    let (files, said) = match change {
        Change::Removed => (difference.removed.files, size(difference.removed.bytes)),
        Change::Added => (difference.added.files, size(difference.added.bytes)),
        Change::Unchanged => (difference.unchanged.files, size(difference.unchanged.bytes)),
        Change::Modified => {
            let changed = &difference.modified;
            (changed.files, moved(changed.from_bytes, changed.to_bytes))
        }
    };
    page.heading(&format!("{title}  {}, {said}", of(files, "file")));
    let groups = difference.groups.iter();
    let groups: Vec<&Group> = groups.filter(|group| group.change == change).collect();
    let bytes = |groups: &[&Group]| total(groups.iter().map(|group| group.bytes));
    let (whole, width) = (bytes(&groups), page.columns.saturating_sub(38));
    let line = |group: &&Group| {
        let path = fit_path(&shown(&group.path), width);
        let files = match group.files {
            1 => String::new(),
            n => format!("  ({})", of(n, "file")),
        };
        let (size, drawn) = (size(group.bytes), bar(group.bytes, whole));
        format!("  {size:>9}  {drawn:CELLS$}  {path}{files}")
    };
    page.lines(&groups, line, |rest| {
        let (size, left) = (size(bytes(rest)), count(rest.len() as u64));
        format!("  {size:>9}  {:CELLS$}  … {left} more", "")
    });
}

fn program(page: &mut Page, pair: &Pair) {
    let (Some(from), Some(to)) = (&pair.from, &pair.to) else {
        return;
    };
    let name = match from.path == to.path {
        true => shown(&to.path).into_owned(),
        false => format!("{} → {}", shown(&from.path), shown(&to.path)),
    };
    page.heading(&format!("{name}  {}", moved(from.bytes, to.bytes)));
    page.row("machine code", &moved(from.code_bytes, to.code_bytes));
    if from.go_version != to.go_version {
        let version = |there| version_or(there, "not told");
        let (from, to) = (version(&from.go_version), version(&to.go_version));
        page.row("Go", &format!("{from} → {to}"));
    }
    let modules = pair.modules.iter().map(|module| {
        let version = |there| version_or(there, "none");
        let (from, to) = (version(&module.from), version(&module.to));
        format!("{} {from} → {to}", shown(&module.path))
    });
    let modules: Vec<_> = modules.collect();
    if !modules.is_empty() {
        page.list("modules", &count(modules.len() as u64), &modules);
    }
    let sections = pair.sections.iter();
    let sections = sections.map(|of| (of.name.as_str(), of.from, of.to));
    grown(page, "sections that grew or shrank", sections);
    let packages = pair.packages.iter();
    let packages = packages.map(|of| (of.path.as_str(), of.from, of.to));
    grown(page, "packages that grew or shrank", packages);
}

fn version_or<'a>(version: &'a Option<String>, none: &'a str) -> Cow<'a, str> {
    shown(version.as_deref().unwrap_or(none))
}

fn grown<'a>(page: &mut Page, title: &str, all: impl Iterator<Item = (&'a str, u64, u64)>) {
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return;
    }
    page.line(&format!("  {title}: {}", count(all.len() as u64)));
    let width = page.columns.saturating_sub(46);
    let line = |(name, from, to): &(&str, u64, u64)| {
        let (by, from, to) = (signed(*from, *to), size(*from), size(*to));
        let name = fit_path(&shown(name), width);
        format!("  {by:>10}  {from:>9} → {to:>9}  {name}")
    };
    page.lines(&all, line, |rest| {
        let from = total(rest.iter().map(|(_, from, _)| *from));
        let by = signed(from, total(rest.iter().map(|(_, _, to)| *to)));
        format!("  {by:>10}  … {} more", count(rest.len() as u64))
    });
}

fn alone(
    page: &mut Page,
    title: &str,
    difference: &Difference,
    side: impl Fn(&Pair) -> Option<&ProgramSummary>,
) {
    let all: Vec<_> = difference.programs.iter().filter_map(side).collect();
    if all.is_empty() {
        return;
    }
    page.heading(&format!("{title}  {}", count(all.len() as u64)));
    let line = |there: &&ProgramSummary| {
        let version = there.go_version.as_deref();
        let version = version.map_or_else(String::new, |it| format!("  ({})", shown(it)));
        format!(
            "  {:>9}  {}{version}",
            size(there.bytes),
            shown(&there.path)
        )
    };
    page.lines(&all, line, |rest| {
        format!("  {:>9}  … {} more", "", count(rest.len() as u64))
    });
}
