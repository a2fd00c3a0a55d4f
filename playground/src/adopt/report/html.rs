//! The report as one page that needs nothing else: no script, no font, no picture from anywhere.
//!
//! A policy in its head forbids all of that to whatever a strange repository might smuggle in; every
//! word of it is escaped besides.

use super::text::heard;
use super::{Outcome, Report, compared, stages};
use crate::adopt::plan::Decision;
use policy::sanitize::{line, shown, visible};
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5b6570;--line:#d9dee3;--paper:#fff;--pane:#f5f7f8;--accent:#0b6e6e}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b0;--line:#343b42;--paper:#15181b;--pane:#1d2125;--accent:#5cc2bd}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem 4rem;font:1rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.1rem;margin:2.4rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
p{margin:.3rem 0}
.soft{color:var(--soft)}
.lead{font-size:1.1rem;margin-bottom:1rem}
.lead b{color:var(--accent)}
dl{display:grid;grid-template-columns:9rem 1fr;gap:0;margin:0}
dt,dd{padding:.5rem 0;border-bottom:1px solid var(--line);margin:0;min-width:0;overflow-wrap:anywhere}
dt{color:var(--soft)}
details summary{cursor:pointer}
ul{margin:.3rem 0;padding-left:1.2rem}
pre{background:var(--pane);border:1px solid var(--line);border-radius:.4rem;padding:.8rem;overflow-x:auto;font:.875rem/1.5 ui-monospace,monospace;margin:.5rem 0}
code{font:.9em ui-monospace,monospace}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td:not(:first-child){font-variant-numeric:tabular-nums}
.bar{display:block;height:.55rem;min-width:2px;border-radius:0 .2rem .2rem 0;background:var(--accent)}
.wide{overflow-x:auto}
@media(max-width:36rem){dl{grid-template-columns:1fr}dt{border:0;padding-bottom:0}}
";

/// The report as a page.
pub fn html(report: &Report) -> String {
    let mut page = String::new();
    let name = name(report);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{0} · adopted</title>\n<style>\n{STYLE}</style>\n<main>\n<h1>{0}</h1>\n",
        text(&name)
    );
    head(report, &mut page);
    if let Some(unmended) = &report.unmended {
        let _ = writeln!(page, "<h2>Not mended</h2>\n<p>{}</p>", text(&unmended.what));
        let _ = writeln!(
            page,
            "<p class=\"soft\">Next: {}{}</p>",
            text(&unmended.next),
            cited(unmended.page.as_deref())
        );
        if !unmended.said.is_empty() {
            let _ = writeln!(
                page,
                "<pre tabindex=\"0\">{}</pre>",
                block(&unmended.said.join("\n"))
            );
        }
    }
    if !report.decisions.0.is_empty() {
        page.push_str("<h2>Decided</h2>\n<dl>\n");
        report
            .decisions
            .0
            .iter()
            .for_each(|decision| tell(decision, &mut page));
        page.push_str("</dl>\n");
    }
    rounds(report, &mut page);
    if !report.findings.is_empty() {
        page.push_str("<h2>Preflight says of the image</h2>\n<dl>\n");
        for finding in &report.findings {
            let (words, what) = (finding.severity.words(), text(&finding.what));
            let _ = writeln!(
                page,
                "<dt>{words}</dt><dd>{what}{}</dd>",
                cited(finding.page())
            );
        }
        page.push_str("</dl>\n");
    }
    if let Some(current) = &report.current {
        compared::html(current, report, &mut page);
    }
    stages::html(&report.journey, &mut page);
    for (title, file) in [
        ("Dockerfile", &report.dockerfile),
        (".dockerignore", &report.dockerignore),
    ] {
        if let Some(file) = file {
            let _ = writeln!(
                page,
                "<h2>{title}</h2>\n<pre tabindex=\"0\">{}</pre>",
                block(file)
            );
        }
    }
    if !report.proof.is_empty() {
        let commands = block(&report.proof.join("\n"));
        let _ = writeln!(
            page,
            "<h2>See for yourself</h2>\n<pre tabindex=\"0\">{commands}</pre>"
        );
    }
    page.push_str("</main>\n</html>\n");
    page
}

fn name(report: &Report) -> String {
    match &report.command {
        Some(command) if command.dir == "." => command.name(),
        Some(command) => command.dir.clone(),
        None => report.path.clone(),
    }
}

fn head(report: &Report, page: &mut String) {
    let _ = write!(page, "<p class=\"lead\"><b>{}</b>", capital(report.outcome));
    if let (Some(weight), Some(plan)) = (report.weight, &report.plan) {
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        let mb = |bytes: u64| bytes as f64 / 1e6;
        let _ = write!(
            page,
            " {:.2} MB on {}, {:.2} MB compressed, {} in {:.1} s.",
            mb(weight.unpacked),
            plan.base(),
            mb(weight.compressed),
            super::text::rounds_of(report.rounds.len()),
            report.ms as f64 / 1e3
        );
    }
    page.push_str("</p>\n");
    for port in report.ports.iter().filter(|port| !port.loopback) {
        let _ = writeln!(page, "<p><code>{}</code></p>", text(&heard(port)));
    }
}

fn capital(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answers => "It answers.",
        Outcome::Listens => "It listens.",
        Outcome::Tool => "A tool that tells about itself.",
        Outcome::Runs => "It runs.",
        Outcome::Builds => "Built; it does not come up here.",
        Outcome::Nothing => "Not built.",
    }
}

fn tell(decision: &Decision, page: &mut String) {
    let topic = decision.topic.words();
    let _ = writeln!(
        page,
        "<dt>{topic}</dt><dd><details><summary>{}{}</summary><ul>",
        text(&decision.value),
        cited(decision.page.as_deref())
    );
    for evidence in &decision.evidence {
        let _ = writeln!(page, "<li>{}</li>", text(evidence));
    }
    let _ = writeln!(
        page,
        "</ul><p class=\"soft\">What would change it: {}</p></details></dd>",
        text(&decision.otherwise)
    );
}

fn rounds(report: &Report, page: &mut String) {
    if report.rounds.is_empty() {
        return;
    }
    page.push_str("<h2>Rounds</h2>\n<dl>\n");
    for round in &report.rounds {
        let how = text(&round.how_in_words());
        let seconds = round.build_ms as f64 / 1e3;
        let _ = writeln!(
            page,
            "<dt>{}</dt><dd>built in {seconds:.1} s, {how}",
            round.n
        );
        if !round.said.is_empty() {
            let _ = writeln!(
                page,
                "<p class=\"soft\"><code>{}</code></p>",
                text(&round.said)
            );
        }
        if !round.repairs.is_empty() {
            page.push_str("<ul>");
            for repair in &round.repairs {
                let _ = writeln!(
                    page,
                    "<li>{}{}</li>",
                    text(&repair.what),
                    cited(repair.page.as_deref())
                );
            }
            page.push_str("</ul>");
        }
        page.push_str("</dd>\n");
    }
    page.push_str("</dl>\n");
}

/// Where the book tells about it.
pub(super) fn cited(page: Option<&str>) -> String {
    let page = page.map(|page| page.trim_end_matches(".html"));
    page.map_or(String::new(), |page| {
        format!(" <span class=\"soft\">[{}]</span>", text(page))
    })
}

/// A line of text, harmless as HTML and to whoever copies it.
pub(super) fn text(text: &str) -> String {
    escaped(&line(&visible(text)))
}

/// Several lines, each likewise.
pub(super) fn block(text: &str) -> String {
    let lines = text.lines().map(|text| escaped(&line(&shown(text))));
    lines.collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::plan::Topic;
    use policy::sanitize::testing::{ATTACKS, assert_harmless};

    #[test]
    fn whatever_a_repository_calls_itself_is_no_markup() {
        let more = [
            "</pre><script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "'onload='x",
        ];
        for attack in ATTACKS.into_iter().chain(more) {
            let mut report = Report::new(attack);
            let said = || attack.to_owned();
            report
                .decisions
                .set(Topic::Cgo, said(), [said()], said(), Some(attack));
            report.dockerfile = Some(said());
            report.proof.push(said());
            let page = html(&report);
            let (_, body) = page.split_once("<main>").expect("a body");
            for mark in ["<script", "<img", "onerror=alert(1)>", "\">"] {
                let ours = mark == "\">" || !body.contains(mark);
                assert!(ours, "{mark} in {body}");
            }
            assert_harmless(body);
        }
    }
}
