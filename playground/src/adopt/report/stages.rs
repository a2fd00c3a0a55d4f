//! The journey with a strange program, in words and as a table.

use super::html::{cited, text as shown};
use crate::adopt::journey::Stage;
use policy::Megabytes;
use policy::sanitize::visible;
use std::fmt::Write;

/// `9.12 MB`, or a dash.
pub(super) fn mb(bytes: Option<u64>) -> String {
    let mb = bytes.map(|bytes| format!("{:.2}", Megabytes(bytes)));
    mb.unwrap_or_else(|| "–".to_owned())
}

/// `1.2 s`
#[expect(clippy::cast_precision_loss, reason = "tenths are shown")]
pub(super) fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1e3)
}

pub(super) fn text(stages: &[Stage], text: &mut String) {
    if stages.is_empty() {
        return;
    }
    text.push_str("\nThe journey, with this code\n");
    let width = stages.iter().map(|stage| stage.base.chars().count()).max();
    let width = width.unwrap_or_default();
    for stage in stages {
        let (number, size) = (&stage.number, mb(stage.unpacked));
        let (small, took) = (mb(stage.compressed), seconds(stage.build_ms));
        let _ = writeln!(
            text,
            "  {number:<3}{:<width$}{size:>12}{small:>12}{took:>10}  {}",
            visible(&stage.base),
            stage.outcome.words()
        );
        if !stage.said.is_empty() {
            let page = stage
                .why
                .as_deref()
                .map(|page| page.trim_end_matches(".html"));
            let page = page.map_or(String::new(), |page| format!("  [{page}]"));
            let _ = writeln!(text, "     | {}{page}", visible(&stage.said));
        }
    }
    text.push_str("  (unpacked, compressed, build with nothing from the builder's cache)\n");
}

pub(super) fn html(stages: &[Stage], page: &mut String) {
    let most = stages.iter().filter_map(|stage| stage.unpacked).max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return;
    };
    page.push_str(
        "<h2>The journey, with this code</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" \
         aria-label=\"The stages\"><table>\n<thead><tr><th scope=\"col\">Stage</th>\
         <th scope=\"col\">Unpacked</th><th scope=\"col\">Compressed</th>\
         <th scope=\"col\">Build</th><th scope=\"col\">What comes of it</th></tr></thead>\n<tbody>\n",
    );
    for stage in stages {
        let part = stage.unpacked.unwrap_or_default() * 1000 / most;
        let said = match stage.said.as_str() {
            "" => String::new(),
            said => format!(
                "<p class=\"soft\"><code>{}</code>{}</p>",
                shown(said),
                cited(stage.why.as_deref())
            ),
        };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{} · {}{}</th><td>{}<span class=\"bar\" style=\"width:{}.{}%\"></span></td>\
             <td>{}</td><td>{}</td><td>{}{said}</td></tr>",
            shown(&stage.number),
            shown(&stage.base),
            cited(stage.page.as_deref()),
            mb(stage.unpacked),
            part / 10,
            part % 10,
            mb(stage.compressed),
            seconds(stage.build_ms),
            stage.outcome.words(),
        );
    }
    page.push_str(
        "</tbody></table></div>\n<p class=\"soft\">Built with nothing from the builder's cache; Go's own \
         caches are mounted from stage 3 on.</p>\n",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::report::Outcome;
    use policy::sanitize::testing::{ATTACKS, assert_harmless};

    fn stage(number: &str, unpacked: Option<u64>, said: &str) -> Stage {
        Stage {
            number: number.into(),
            title: "Ship the workshop".into(),
            page: Some("journey/stage-1.html".into()),
            base: "golang:1.27-bookworm".into(),
            dockerfile: String::new(),
            build_ms: 1200,
            unpacked,
            compressed: None,
            outcome: Outcome::Answers,
            how: None,
            answered_ms: None,
            said: said.into(),
            why: None,
        }
    }

    #[test]
    fn a_stage_is_a_row_with_a_bar_of_its_part_of_the_largest() {
        let stages = [
            stage("1", Some(900_000_000), ""),
            stage("6", Some(9_000_000), ""),
        ];
        let (mut told, mut page) = (String::new(), String::new());
        text(&stages, &mut told);
        assert!(
            told.contains("900.00 MB") && told.contains("–") && told.contains("1.2 s"),
            "{told}"
        );
        html(&stages, &mut page);
        assert!(
            page.contains("width:100.0%") && page.contains("width:1.0%"),
            "{page}"
        );
        let nothing = &mut String::new();
        html(&[stage("1", None, "")], nothing);
        assert!(nothing.is_empty(), "a chart of nothing is none");
    }

    #[test]
    fn what_a_stage_says_is_no_markup_and_commands_no_terminal() {
        for attack in ATTACKS
            .into_iter()
            .chain(["</td><script>alert(1)</script>"])
        {
            let stages = [stage("1", Some(1), attack)];
            let (mut told, mut page) = (String::new(), String::new());
            text(&stages, &mut told);
            html(&stages, &mut page);
            assert!(!page.contains("<script"), "{page}");
            assert_harmless(&page);
            assert_harmless(&told);
        }
    }
}
