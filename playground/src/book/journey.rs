//! The journey as a plain table; the page's scripts draw the chart over it.

use super::html::escape;
use catalog::{Catalog, Stage};
use std::fmt::Write;

/// The `<section>` that `{{#journey}}` stands for.
pub(super) fn section(catalog: &Catalog) -> String {
    let stages = catalog.stages();
    let stages = stages.filter_map(|lab| Some((lab, lab.stage.as_ref()?)));
    let mut html = String::from(
        r#"<section class="journey" data-journey><div class="table-wrapper"><table><caption>Claimed size of each stage; run a stage to put a measurement beside it.</caption><thead><tr><th scope="col">Stage</th><th scope="col">Stands on</th><th scope="col">Claimed</th></tr></thead><tbody>"#,
    );
    for (lab, stage) in stages {
        let max = stage.claimed_mb_max.map(|max| max.to_string());
        let _ = write!(
            html,
            r#"<tr data-stage-lab="{id}" data-number="{number}" data-title="{title}" data-base="{base}" data-claimed-by="{by}" data-claimed-mb="{min}" data-claimed-mb-max="{max}"><th scope="row">{number} · {title}</th><td>{base}</td><td>{claim} ({by})</td></tr>"#,
            id = escape(&lab.id),
            number = escape(&stage.number),
            title = escape(&lab.title),
            base = escape(&stage.base),
            by = escape(&stage.claimed_by),
            min = stage.claimed_mb,
            max = max.unwrap_or_default(),
            claim = claim(stage),
        );
    }
    html.push_str("</tbody></table></div></section>");
    html
}

/// `2.5 MB`, or `4–5 MB` where the source gives a range.
pub(super) fn claim(stage: &Stage) -> String {
    match stage.claimed_mb_max {
        Some(max) => format!("{}–{max} MB", stage.claimed_mb),
        None => format!("{} MB", stage.claimed_mb),
    }
}
