//! The journey as a plain table; the page's scripts draw the chart over it.

use super::html::escape;
use super::recorded::{Recording, Recordings};
use catalog::claims::shown;
use catalog::{Lab, Stage, Unit};
use std::fmt::Write;

/// The `<section>` that `{{#journey}}` stands for.
pub(super) fn section<'a>(labs: impl Iterator<Item = &'a Lab>, recordings: &Recordings) -> String {
    let mut stages: Vec<(&Lab, &Stage)> = labs
        .filter_map(|lab| lab.stage.as_ref().map(|stage| (lab, stage)))
        .collect();
    stages.sort_by_key(|(_, stage)| stage.order);
    let mut html = String::from(
        r#"<section class="journey" data-journey><div class="table-wrapper"><table><caption>Claimed and recorded size of each stage; run a stage to put your own measurement beside it.</caption><thead><tr><th scope="col">Stage</th><th scope="col">Stands on</th><th scope="col">Claimed</th><th scope="col">Recorded, Go 1.23: unpacked, compressed</th>"#,
    );
    for go in recordings.columns().keys() {
        let go = escape(go);
        let _ = write!(
            html,
            r#"<th scope="col">Recorded, Go {go}: unpacked, compressed</th>"#
        );
    }
    html.push_str("</tr></thead><tbody>");
    for (lab, stage) in stages {
        let max = stage.claimed_mb_max.map(|max| max.to_string());
        let _ = write!(
            html,
            r#"<tr data-stage-lab="{id}" data-number="{number}" data-title="{title}" data-base="{base}" data-claimed-by="{by}" data-claimed-mb="{min}" data-claimed-mb-max="{max}"><th scope="row">{number} · {title}</th><td>{base}</td><td>{claim} ({by})</td>"#,
            id = escape(&lab.id),
            number = escape(&stage.number),
            title = escape(&lab.title),
            base = escape(&stage.base),
            by = escape(&stage.claimed_by),
            min = stage.claimed_mb,
            max = max.unwrap_or_default(),
            claim = claim(stage),
        );
        let quoted = recordings.of(&lab.id);
        let newer = recordings.columns().values().map(|labs| labs.get(&lab.id));
        for recording in [quoted].into_iter().chain(newer) {
            let _ = write!(html, "<td>{}</td>", sizes(recording));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div></section>");
    html
}

/// `6.10 MB, 2.63 MB`, or a dash where nothing was recorded.
fn sizes(recording: Option<&Recording>) -> String {
    let image = recording.and_then(|recording| recording.variants.get("image"));
    match image.and_then(|image| image.sizes) {
        Some(sizes) => [sizes.unpacked_bytes, sizes.compressed_bytes]
            .map(|bytes| shown(bytes as f64, Unit::Bytes).replace(' ', "\u{a0}"))
            .join(", "),
        None => "–".into(),
    }
}

/// `2.5 MB`, or `4–5 MB` where the source gives a range.
fn claim(stage: &Stage) -> String {
    match stage.claimed_mb_max {
        Some(max) => format!("{}–{max} MB", stage.claimed_mb),
        None => format!("{} MB", stage.claimed_mb),
    }
}
