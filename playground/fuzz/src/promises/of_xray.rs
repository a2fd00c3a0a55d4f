//! What an X-ray promises: a report, a difference, and maps.

use analysis::inspect::Inspection;
use analysis::subject::{SubjectKind, SubjectName};
use analysis::xray::map::{MapRequest, map};
use analysis::xray::{Change, Comparand, Files, Report, ReportWithTree, Sum, difference, image};

/// Reports on both, holds them against each other, and draws them.
pub fn xray(one: &Inspection, other: &Inspection) {
    let (Ok(from), Ok(to)) = (one.tree(), other.tree()) else {
        return;
    };
    let from = Files {
        inspection: one,
        tree: &from,
    };
    let to = Files {
        inspection: other,
        tree: &to,
    };
    let reports = [report(from), report(to)];
    let sides = [
        Comparand {
            report: &reports[0],
            files: Some(from),
        },
        Comparand {
            report: &reports[1],
            files: Some(to),
        },
    ];
    let found = difference(sides[0], sides[1]);
    let words = serde_json::to_string(&found).expect("serializable");
    let again = serde_json::to_string(&difference(sides[0], sides[1])).expect("serializable");
    assert_eq!(words, again);
    for (change, told) in [
        (Change::Removed, found.removed),
        (Change::Added, found.added),
        (Change::Unchanged, found.unchanged),
    ] {
        let groups = found.groups.iter().filter(|group| group.change == change);
        let sum = groups.fold(Sum::default(), |sum, group| Sum {
            files: sum.files + group.files,
            bytes: sum.bytes.saturating_add(group.bytes),
        });
        assert_eq!(sum, told, "{change:?}: {:?}", found.groups);
    }
    // Held against itself, nothing is lost.
    let same = difference(sides[0], sides[0]);
    assert_eq!(
        (same.removed.files, same.added.files, same.modified.files,),
        (0, 0, 0)
    );

    drawn(from, "/");
    for program in &reports[0].programs {
        drawn(from, &format!("{}!", program.path));
        drawn(from, &format!("{}!packages", program.path));
    }
}

fn report(files: Files<'_>) -> Report {
    let name = SubjectName {
        kind: SubjectKind::Archive,
        name: "a".to_owned(),
    };
    let report = image(name, files.inspection, files.tree);
    let whole = ReportWithTree {
        report: &report,
        tree: None,
    };
    assert!(serde_json::to_string(&whole).is_ok());
    assert!(
        (0.0..=1.0).contains(&report.sizes.efficiency),
        "{:?}",
        report.sizes
    );
    report
}

/// Cells lie within the drawing and within their parents.
fn drawn(files: Files<'_>, at: &str) {
    let asked = MapRequest {
        at: at.to_owned(),
        width: 960,
        height: 540,
    };
    let Ok(map) = map(files, &asked) else {
        return;
    };
    let top = map.cells.iter().filter(|cell| cell.of.is_none());
    let sum = top.fold(0, |sum: u64, cell| sum.saturating_add(cell.bytes));
    assert!(sum <= map.bytes, "{sum} of {}", map.bytes);
    for cell in &map.cells {
        let inside = |from: f64, length: f64| {
            (-0.01..=100.01).contains(&from) && length >= 0.0 && from + length <= 100.01
        };
        assert!(inside(cell.x, cell.w) && inside(cell.y, cell.h), "{cell:?}");
        assert!(
            cell.of.is_none_or(|of| map.cells[of].depth < cell.depth),
            "{cell:?}"
        );
    }
    assert!(serde_json::to_string(&map).is_ok());
}
