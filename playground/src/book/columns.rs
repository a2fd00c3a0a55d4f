//! The journey as it was recorded: what is claimed beside what was measured, a column for each
//! Go. The page's scripts leave it alone: their chart shows the reader's own measurements.

use super::html::escape;
use super::journey::claim;
use super::recorded::{Recording, Recordings};
use catalog::claims::shown;
use catalog::{Catalog, Lab, Unit};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The table below the chart; nothing where no stage was recorded.
pub(super) fn table(catalog: &Catalog, recordings: &Recordings) -> String {
    let stages = catalog.stages();
    let stages: Vec<_> = stages
        .filter_map(|lab| Some((lab, lab.stage.as_ref()?)))
        .collect();
    // What the sources have, then the Go of each column.
    let quoted: BTreeMap<_, _> = recordings.iter().collect();
    let mut columns = vec![(quoted, "historical")];
    for newer in recordings.columns().values() {
        columns.push((newer.iter().collect(), "current"));
    }
    let mut heads = String::new();
    columns.retain(|(of_go, when)| {
        let all = stages.iter().filter_map(|(lab, _)| of_go.get(&lab.id));
        let versions: BTreeSet<_> = all.filter_map(|made| made.go.as_deref()).collect();
        let versions: Vec<_> = versions.into_iter().map(escape).collect();
        let versions = versions.join(" and ");
        if !versions.is_empty() {
            let _ = write!(heads, r#"<th scope="col">Go {versions}, {when}</th>"#);
        }
        !versions.is_empty()
    });
    if heads.is_empty() {
        return String::new();
    }
    let mut html = format!(
        r#"<div class="table-wrapper"><table><caption>Recorded for this book: the unpacked size, and the compressed one in brackets. Historical are the Go and the bases of the claims; current is the newest Go, on bases of today. The labs are the same.</caption><thead><tr><th scope="col">Stage</th><th scope="col">Claimed</th>{heads}</tr></thead><tbody>"#
    );
    for (lab, stage) in stages {
        let _ = write!(
            html,
            r#"<tr><th scope="row">{} · {}</th><td>{}</td>"#,
            escape(&stage.number),
            escape(&lab.title),
            claim(stage)
        );
        for (of_go, _) in &columns {
            let sizes = of_go.get(&lab.id).and_then(|made| sizes(lab, made));
            let sizes = sizes.unwrap_or_else(|| "not recorded".to_owned());
            let _ = write!(html, "<td>{sizes}</td>");
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    html
}

/// What the stage's first variant weighed.
fn sizes(lab: &Lab, made: &Recording) -> Option<String> {
    let weight = made.variants.get(&lab.variants.first()?.id)?.sizes?;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let [unpacked, compressed] = [weight.unpacked_bytes, weight.compressed_bytes]
        .map(|bytes| shown(bytes as f64, Unit::Bytes));
    Some(format!("{unpacked} ({compressed})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::testing::lab;
    use crate::book::{RECORDED, Recorded, Weight, column_folder};
    use std::path::Path;

    fn record(dir: &Path, go: &str, unpacked_bytes: u64) {
        let recorded = Recorded {
            sizes: Some(Weight {
                unpacked_bytes,
                compressed_bytes: 1_500_000,
            }),
            ..Recorded::default()
        };
        let lab = lab("stage-1");
        let recording = Recording {
            engine: "Docker Engine".into(),
            version: "20.10.24".into(),
            arch: "amd64".into(),
            go: Some(go.into()),
            date: "2026-11-28".into(),
            bases: "rebuilt".into(),
            variants: BTreeMap::from([(lab.variants[0].id.clone(), recorded)]),
        };
        std::fs::create_dir_all(dir).expect("made");
        let text = serde_json::to_string(&recording).expect("JSON");
        std::fs::write(dir.join("stage-1.json"), text).expect("written");
    }

    #[test]
    fn what_was_recorded_with_each_go_stands_side_by_side() {
        let root = tempfile::tempdir().expect("a folder");
        let labs = vec![lab("stage-1"), lab("x509")];
        let catalog = Catalog {
            labs,
            ..Default::default()
        };
        let made = || table(&catalog, &Recordings::load(root.path()).expect("sound"));
        assert_eq!(made(), "");
        let dir = root.path().join(RECORDED);
        record(&dir, "1.23.9", 2_500_000);
        assert!(!made().contains(", current</th>"), "{}", made());
        record(&dir.join(column_folder("1.27")), "1.27.3", 3_500_000);
        let html = made();
        for part in [
            "<th scope=\"col\">Go 1.23.9, historical</th><th scope=\"col\">Go 1.27.3, current</th>",
            "<td>2.50 MB (1.50 MB)</td><td>3.50 MB (1.50 MB)</td></tr>",
        ] {
            assert!(html.contains(part), "{html}");
        }
        assert!(!html.contains('\n'));
    }
}
