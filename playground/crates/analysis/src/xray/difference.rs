//! What differs between two images, or two binaries: what left, came, changed and stayed.

use super::program_diff::{Pair, pairs};
use super::report::{Report, Sum};
use super::tree_diff::{Change, Files, TreeDiff};
use crate::subject::Subject;
use serde::Serialize;
use std::cmp::Reverse;

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

/// Files of one change below one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// A directory whose files all have this change, or a single file.
    pub path: String,
    /// What became of them.
    #[serde(rename = "fate")]
    pub change: Change,
    /// How many.
    pub files: u64,
    /// Their content: of what left in the first, else in the second.
    pub bytes: u64,
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
    let mut difference = Difference {
        xray: super::report::VERSION,
        from: from.report.subject.clone(),
        to: to.report.subject.clone(),
        bytes: FromTo {
            from: from.report.sizes.merged_bytes,
            to: to.report.sizes.merged_bytes,
        },
        removed: Sum::default(),
        added: Sum::default(),
        modified: Modified::default(),
        unchanged: Sum::default(),
        groups: Vec::new(),
        counts: None,
        programs: pairs(from.report, to.report),
    };
    if let (Some(before), Some(after)) = (from.files, to.files) {
        let tree_diff = TreeDiff::of(before, after);
        let sums = tree_diff.sums();
        difference.removed = sums.removed;
        difference.added = sums.added;
        difference.unchanged = sums.unchanged;
        difference.modified = Modified {
            files: sums.modified.files,
            from_bytes: sums.modified_from_bytes,
            to_bytes: sums.modified.bytes,
        };
        difference.counts = Some(counts(&from, &to, &tree_diff));
        difference.groups = groups(&tree_diff);
    }
    difference
}

fn groups(tree_diff: &TreeDiff<'_>) -> Vec<Group> {
    let groups = tree_diff.groups().into_iter();
    let mut groups: Vec<_> = groups
        .map(|(path, change, sum)| Group {
            path,
            change,
            files: sum.files,
            bytes: sum.bytes,
        })
        .collect();
    groups.sort_by(|a, b| {
        let rank = |group: &Group| (Reverse(group.bytes), Reverse(group.files));
        rank(a).cmp(&rank(b)).then_with(|| a.path.cmp(&b.path))
    });
    groups
}

fn counts(from: &Comparand<'_>, to: &Comparand<'_>, tree_diff: &TreeDiff<'_>) -> Counts {
    let of = |count: fn(&super::Notable) -> u64| {
        let of = |side: &Comparand<'_>| side.report.notable.as_ref().map_or(0, count);
        FromTo {
            from: of(from),
            to: of(to),
        }
    };
    let sums = tree_diff.sums();
    let both = sums.modified.files + sums.unchanged.files;
    Counts {
        shells: of(|out| out.shells.len() as u64),
        package_managers: of(|out| out.package_managers.len() as u64),
        packages: of(|out| out.packages.len() as u64),
        setuid: of(|out| out.setuid.len() as u64),
        executables: of(|out| out.executables.count),
        files: FromTo {
            from: sums.removed.files + both,
            to: sums.added.files + both,
        },
    }
}
