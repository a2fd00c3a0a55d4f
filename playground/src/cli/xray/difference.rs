//! What left, came, changed and stayed between two, and where programs grew or shrank.

use super::page::Page;
use crate::cli::words::{bar, count, fit_path, of, shown, size};
use analysis::xray::{Change, Difference, FromTo, Pair, ProgramSummary};

/// Cells of a bar.
const CELLS: usize = 8;

pub(super) fn difference(page: &mut Page, difference: &Difference) {
    page.line(&format!(
        "{} → {}",
        shown(&difference.from.name),
        shown(&difference.to.name)
    ));
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
    let together = difference
        .programs
        .iter()
        .filter(|pair| pair.from.is_some() && pair.to.is_some());
    for pair in together {
        program(page, pair);
    }
    alone(page, "Programs that left", difference, |pair| {
        match pair.to {
            None => pair.from.as_ref(),
            Some(_) => None,
        }
    });
    alone(page, "Programs that came", difference, |pair| {
        match pair.from {
            None => pair.to.as_ref(),
            Some(_) => None,
        }
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
    let groups: Vec<_> = difference
        .groups
        .iter()
        .filter(|group| group.change == change)
        .collect();
    let whole = groups
        .iter()
        .map(|group| group.bytes)
        .fold(0, u64::saturating_add);
    let width = page.columns.saturating_sub(38);
    for group in groups.iter().take(page.most) {
        let path = fit_path(&shown(&group.path), width);
        let files = match group.files {
            1 => String::new(),
            n => format!("  ({})", of(n, "file")),
        };
        page.line(&format!(
            "  {:>9}  {:CELLS$}  {path}{files}",
            size(group.bytes),
            bar(group.bytes, whole, CELLS)
        ));
    }
    let rest = groups.get(page.most..).unwrap_or_default();
    if !rest.is_empty() {
        let bytes = rest
            .iter()
            .map(|group| group.bytes)
            .fold(0, u64::saturating_add);
        page.line(&format!(
            "  {:>9}  {:CELLS$}  … {} more",
            size(bytes),
            "",
            count(rest.len() as u64)
        ));
    }
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
        let version = |there: &ProgramSummary| {
            there
                .go_version
                .clone()
                .unwrap_or_else(|| "not told".into())
        };
        page.row(
            "Go",
            &format!("{} → {}", shown(&version(from)), shown(&version(to))),
        );
    }
    let modules: Vec<_> = pair
        .modules
        .iter()
        .map(|module| {
            let version = |version: &Option<String>| {
                version
                    .as_deref()
                    .map_or("none".into(), |v| shown(v).into_owned())
            };
            format!(
                "{} {} → {}",
                shown(&module.path),
                version(&module.from),
                version(&module.to)
            )
        })
        .collect();
    if !modules.is_empty() {
        page.list("modules", &count(modules.len() as u64), &modules);
    }
    let sections = pair
        .sections
        .iter()
        .map(|of| (of.name.as_str(), of.from, of.to));
    grown(
        page,
        "sections that grew or shrank",
        &sections.collect::<Vec<_>>(),
    );
    let packages = pair
        .packages
        .iter()
        .map(|of| (of.path.as_str(), of.from, of.to));
    grown(
        page,
        "packages that grew or shrank",
        &packages.collect::<Vec<_>>(),
    );
}

fn grown(page: &mut Page, title: &str, all: &[(&str, u64, u64)]) {
    if all.is_empty() {
        return;
    }
    page.line(&format!("  {title}: {}", count(all.len() as u64)));
    let width = page.columns.saturating_sub(46);
    for (name, from, to) in all.iter().take(page.most) {
        page.line(&format!(
            "  {:>10}  {:>9} → {:>9}  {}",
            signed(*from, *to),
            size(*from),
            size(*to),
            fit_path(&shown(name), width)
        ));
    }
    let rest = all.get(page.most..).unwrap_or_default();
    if !rest.is_empty() {
        let sums = rest.iter().fold((0_u64, 0_u64), |(a, b), (_, from, to)| {
            (a.saturating_add(*from), b.saturating_add(*to))
        });
        page.line(&format!(
            "  {:>10}  … {} more",
            signed(sums.0, sums.1),
            count(rest.len() as u64)
        ));
    }
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
    for there in all.iter().take(page.most) {
        let version = there
            .go_version
            .as_deref()
            .map_or_else(String::new, |version| format!("  ({})", shown(version)));
        page.line(&format!(
            "  {:>9}  {}{version}",
            size(there.bytes),
            shown(&there.path)
        ));
    }
    if let Some(rest) = all.get(page.most..).filter(|rest| !rest.is_empty()) {
        page.line(&format!("  {:>9}  … {} more", "", count(rest.len() as u64)));
    }
}
