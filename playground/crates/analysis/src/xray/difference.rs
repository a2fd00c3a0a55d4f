//! What differs between two images, or two binaries: what left, came, changed and stayed.

use super::program_diff::{Pair, pairs};
use super::report::{Report, Sum};
use super::tree_diff::{Change, Files, Group, Sums, TreeDiff};
use crate::subject::Subject;
use serde::Serialize;

/// What differs between two.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Version of this format: 1.
    pub xray: u32,
    /// The first.
    pub from: Subject,
    /// The second.
    pub to: Subject,
    /// What a container sees of each, in bytes.
    pub bytes: FromTo,
    /// Files that only the first has.
    #[serde(rename = "left")]
    pub removed: Sum,
    /// Files that only the second has.
    #[serde(rename = "came")]
    pub added: Sum,
    /// Files that both have, not the same.
    #[serde(rename = "changed")]
    pub modified: Modified,
    /// Files that both have, the same.
    #[serde(rename = "stayed")]
    pub unchanged: Sum,
    /// The fewest paths that tell the story, the largest first; none unless both are images.
    pub groups: Vec<Group>,
    /// What stands out, counted; `None` unless both are images.
    pub counts: Option<Counts>,
    /// Programs on both sides that belong together, and Go programs of one side.
    pub programs: Vec<Pair>,
}

/// A number before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FromTo {
    /// In the first.
    pub from: u64,
    /// In the second.
    pub to: u64,
}

/// Files that both have, not the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Modified {
    /// How many.
    pub files: u64,
    /// Their bytes in the first.
    pub from_bytes: u64,
    /// Their bytes in the second.
    pub to_bytes: u64,
}

/// What stands out, counted on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Shells.
    pub shells: FromTo,
    /// Package managers.
    pub package_managers: FromTo,
    /// Installed packages.
    pub packages: FromTo,
    /// Files that run with their owner's or group's rights.
    pub setuid: FromTo,
    /// Files with an executable bit.
    pub executables: FromTo,
    /// Files and links.
    pub files: FromTo,
}

/// One of two that are compared.
#[derive(Clone, Copy)]
pub struct Comparand<'a> {
    /// What was reported of it.
    pub report: &'a Report,
    /// Its files; `None` of a binary.
    pub files: Option<Files<'a>>,
}

/// What differs between two.
pub fn difference(from: Comparand<'_>, to: Comparand<'_>) -> Difference {
    let tree_diff = from.files.zip(to.files);
    let tree_diff = tree_diff.map(|(before, after)| TreeDiff::of(before, after));
    let sums = tree_diff
        .as_ref()
        .map_or_else(Sums::default, |it| it.sums());
    let modified = sums.of(Change::Modified);
    Difference {
        xray: super::report::VERSION,
        from: from.report.subject.clone(),
        to: to.report.subject.clone(),
        bytes: FromTo {
            from: from.report.sizes.merged_bytes,
            to: to.report.sizes.merged_bytes,
        },
        removed: sums.of(Change::Removed),
        added: sums.of(Change::Added),
        modified: Modified {
            files: modified.files,
            from_bytes: sums.modified_from_bytes,
            to_bytes: modified.bytes,
        },
        unchanged: sums.of(Change::Unchanged),
        groups: tree_diff.as_ref().map_or_else(Vec::new, TreeDiff::groups),
        counts: tree_diff.map(|_| counts(&from, &to, &sums)),
        programs: pairs(from.report, to.report),
    }
}

fn counts(from: &Comparand<'_>, to: &Comparand<'_>, sums: &Sums) -> Counts {
    let of = |count: fn(&super::Notable) -> u64| {
        let of = |side: &Comparand<'_>| side.report.notable.as_ref().map_or(0, count);
        FromTo {
            from: of(from),
            to: of(to),
        }
    };
    let files = |change| sums.of(change).files;
    let both = files(Change::Modified) + files(Change::Unchanged);
    Counts {
        shells: of(|out| out.shells.len() as u64),
        package_managers: of(|out| out.package_managers.len() as u64),
        packages: of(|out| out.packages.len() as u64),
        setuid: of(|out| out.setuid.len() as u64),
        executables: of(|out| out.executables.count),
        files: FromTo {
            from: files(Change::Removed) + both,
            to: files(Change::Added) + both,
        },
    }
}
