//! The repository's own Dockerfile beside the adopted image, in words and as a page.

use super::Report;
use super::html::{cited, text as shown};
use super::stages::{mb, seconds};
use crate::adopt::current::Current;
use analysis::preflight::Severity;
use analysis::xray::{Change, Difference};
use policy::sanitize::visible;
use std::fmt::Write;

/// What is compared: a name, its own, the adopted one's.
fn rows(current: &Current, report: &Report) -> [(&'static str, String, String); 4] {
    let weigh = |weight: Option<super::Weight>| {
        let known = weight.filter(|weight| weight.compressed > 0);
        (
            mb(weight.map(|weight| weight.unpacked)),
            mb(known.map(|weight| weight.compressed)),
        )
    };
    let (own, adopted) = (weigh(current.weight), weigh(report.weight));
    let answer = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms"));
    [
        ("unpacked", own.0, adopted.0),
        ("compressed", own.1, adopted.1),
        (
            "first answer",
            answer(current.answered_ms),
            answer(report.answered_ms),
        ),
        (
            "comes to",
            current.outcome.words().to_owned(),
            report.outcome.words().to_owned(),
        ),
    ]
}

/// What is no longer there, the largest first.
fn gone(left: &Difference) -> Vec<String> {
    let gone = left
        .groups
        .iter()
        .filter(|group| group.change == Change::Removed);
    gone.take(8)
        .map(|group| {
            format!(
                "{}: {} files, {}",
                group.path,
                group.files,
                mb(Some(group.bytes))
            )
        })
        .collect()
}

/// What the builder's own checks say; a sentence where it cannot be told.
fn checks(current: &Current) -> Vec<String> {
    match &current.checks {
        None => vec![
            "BuildKit's own checks cannot be told here: they come with Docker 27 and newer".into(),
        ],
        Some(remarks) if remarks.is_empty() => {
            vec!["BuildKit's own checks find nothing in it".into()]
        }
        Some(remarks) => remarks.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn text(current: &Current, report: &Report, text: &mut String) {
    let file = visible(&current.file);
    let took = seconds(current.build_ms);
    let _ = writeln!(
        text,
        "\nAs it is: {file} (built in {took}), beside the adopted one"
    );
    for (name, own, adopted) in rows(current, report) {
        let _ = writeln!(text, "  {name:<15}{own:<28}{adopted}");
    }
    if !current.said.is_empty() {
        let page = current
            .why
            .as_deref()
            .map(|page| page.trim_end_matches(".html"));
        let page = page.map_or(String::new(), |page| format!("  [{page}]"));
        let _ = writeln!(text, "  | {}{page}", visible(&current.said));
    }
    if let Some(untold) = current.untold {
        let _ = writeln!(text, "  It may be sound: {}", untold.words());
    }
    for finding in &current.findings {
        let page = finding.page().map(|page| page.trim_end_matches(".html"));
        let page = page.map_or(String::new(), |page| format!("  [{page}]"));
        let (words, what) = (finding.severity.words(), visible(&finding.what));
        let _ = writeln!(text, "  {words}: {what}{page}");
    }
    for check in checks(current) {
        let _ = writeln!(text, "  {}", visible(&check));
    }
    if let Some(left) = &current.left {
        let (files, bytes) = (left.removed.files, mb(Some(left.removed.bytes)));
        let _ = writeln!(text, "  what left: {files} files, {bytes}");
        for group in gone(left) {
            let _ = writeln!(text, "    {}", visible(&group));
        }
    }
}

pub(super) fn html(current: &Current, report: &Report, page: &mut String) {
    let file = shown(&current.file);
    let _ = writeln!(
        page,
        "<h2>{file}, as it is</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Beside \
         the adopted one\"><table>\n<thead><tr><td></td><th scope=\"col\">{file}</th>\
         <th scope=\"col\">adopted</th></tr></thead>\n<tbody>"
    );
    for (name, own, adopted) in rows(current, report) {
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{name}</th><td>{own}</td><td>{adopted}</td></tr>"
        );
    }
    page.push_str("</tbody></table></div>\n");
    if !current.said.is_empty() {
        let (said, why) = (shown(&current.said), cited(current.why.as_deref()));
        let _ = writeln!(page, "<p><code>{said}</code>{why}</p>");
    }
    if let Some(untold) = current.untold {
        let _ = writeln!(page, "<p>It may be sound: {}.</p>", untold.words());
    }
    if let Some(left) = &current.left {
        let (files, bytes) = (left.removed.files, mb(Some(left.removed.bytes)));
        let _ = writeln!(
            page,
            "<p>What is no longer there: {files} files, {bytes}.</p>\n<ul>"
        );
        for group in gone(left) {
            let _ = writeln!(page, "<li>{}</li>", shown(&group));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("<h2>It against the book</h2>\n<ul>\n");
    for finding in &current.findings {
        let sure = finding.severity != Severity::Advice;
        let words = finding.severity.words();
        let words = if sure {
            format!("<b>{words}</b>")
        } else {
            words.to_owned()
        };
        let (what, at) = (shown(&finding.what), cited(finding.page()));
        let _ = writeln!(page, "<li>{words}: {what}{at}</li>");
    }
    for check in checks(current) {
        let _ = writeln!(page, "<li>{}</li>", shown(&check));
    }
    page.push_str("</ul>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::report::{Outcome, Weight};
    use crate::event::BuildRemark;
    use policy::sanitize::testing::{ATTACKS, assert_harmless};

    fn current(said: &str) -> Current {
        Current {
            file: said.into(),
            ours: false,
            context: ".".into(),
            bases: Vec::new(),
            build_ms: 1500,
            outcome: Outcome::Builds,
            weight: Some(Weight {
                unpacked: 900_000_000,
                compressed: 0,
            }),
            how: None,
            ports: Vec::new(),
            answered_ms: None,
            said: said.into(),
            why: None,
            untold: None,
            findings: Vec::new(),
            checks: Some(vec![BuildRemark {
                rule: "StageNameCasing".into(),
                what: said.into(),
                url: None,
                line: Some(3),
            }]),
            left: None,
            subject: None,
        }
    }

    #[test]
    fn an_own_dockerfile_stands_beside_the_adopted_one() {
        let report = Report::new("x");
        let (mut told, mut page) = (String::new(), String::new());
        let mut own = current("build/Dockerfile");
        text(&own, &report, &mut told);
        html(&own, &report, &mut page);
        for said in [&told, &page] {
            assert!(said.contains("900.00 MB"), "{said}");
            assert!(
                said.contains("Dockerfile:3: build/Dockerfile (StageNameCasing)"),
                "{said}"
            );
        }
        own.checks = None;
        let mut told = String::new();
        text(&own, &report, &mut told);
        assert!(
            told.contains("cannot be told here"),
            "silence is no praise: {told}"
        );
    }

    #[test]
    fn whatever_a_strange_dockerfile_says_is_no_markup_and_commands_no_terminal() {
        for attack in ATTACKS
            .into_iter()
            .chain(["</td><script>alert(1)</script>"])
        {
            let report = Report::new("x");
            let (mut told, mut page) = (String::new(), String::new());
            text(&current(attack), &report, &mut told);
            html(&current(attack), &report, &mut page);
            assert!(!page.contains("<script"), "{page}");
            assert_harmless(&page);
            assert_harmless(&told);
        }
    }
}
