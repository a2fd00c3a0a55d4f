//! The report for people in a terminal: the worst first, each with what to type, a verdict last.
//!
//! No line begins with anything from an image: what stands at the beginning of a line can be a
//! command to a CI's runner.

use super::{Finding, Report, Severity};
use console::Style as Ansi;
use policy::sanitize::{line, visible, visible_lines};

/// Whether there is someone to see colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text and nothing else.
    Plain,
    /// With colours, as escape sequences.
    Coloured,
}

/// Evidence of one finding that is shown; JSON has it all.
const MAX_EVIDENCE: usize = 12;

impl Report<'_> {
    /// For people; ends with a line that begins with `verdict:`.
    pub fn text(&self, style: Style) -> String {
        let paint = |ansi: Ansi, text: &str| match style {
            Style::Plain => text.to_owned(),
            Style::Coloured => ansi.force_styling(true).apply_to(text).to_string(),
        };
        let mut lines = vec![format!("image: {}", self.image()), String::new()];
        let mut under = None;
        for finding in self.findings {
            if under.replace(finding.severity) != Some(finding.severity) {
                let (heading, colour) = heading(finding.severity);
                lines.push(paint(colour, heading));
            }
            let (first, rest) = self.lines(finding);
            lines.push(format!("  {}", paint(Ansi::new().bold(), &first)));
            lines.extend(rest.into_iter().map(|line| format!("    {line}")));
            lines.push(String::new());
        }
        let open = self.left_open();
        if !open.is_empty() {
            lines.push(paint(Ansi::new().bold(), "Cannot be told"));
            lines.extend(open.iter().map(|one| format!("  - {one}")));
            lines.push(String::new());
        }
        let colour = self.worst().map(|worst| heading(worst).1);
        let colour = colour.unwrap_or(Ansi::new().green());
        lines.push(format!("verdict: {}", paint(colour, &self.verdict())));
        lines.join("\n")
    }

    /// Its name, platform, the beginning of its id, and as which container it was judged.
    pub(super) fn image(&self) -> String {
        let id = self.subject.id.trim_start_matches("sha256:");
        let id: String = id.chars().take(12).collect();
        let judged = self
            .judged_as
            .map(|judged| format!("as {}", judged.words()));
        let judged = judged.unwrap_or_default();
        let parts = [&self.subject.name, &self.subject.platform, &id, &judged];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(|part| visible(part)).collect();
        parts.join(" · ")
    }

    fn lines(&self, finding: &Finding) -> (String, Vec<String>) {
        let first = match &finding.when {
            Some(when) => format!("… {} [{}]", visible(when), finding.rule),
            None => format!("{} [{}]", finding.rule.title, finding.rule),
        };
        let mut rest = vec![line(&visible(&finding.what)).into_owned()];
        let location = finding.location.as_ref();
        let layer = location.and_then(|location| {
            let by = location.created_by.as_deref().unwrap_or_default();
            let layer = format!("layer {}", location.layer?);
            Some(match by {
                "" => layer,
                by => format!("{layer}, by {}", visible(by)),
            })
        });
        let seen = finding.evidence.iter().take(MAX_EVIDENCE).chain(&layer);
        rest.extend(seen.map(|seen| format!("- {}", visible(seen))));
        if let Some(more @ 1..) = finding.evidence.len().checked_sub(MAX_EVIDENCE) {
            rest.push(format!("- and {more} more, which --format json shows"));
        }
        let mut label = "fix: ";
        for line in visible_lines(&finding.fix) {
            rest.push(format!("{label} {line}"));
            label = "   | ";
        }
        if let Some(page) = self.page(finding.page()) {
            rest.push(format!("page: {page}"));
        }
        (first, rest)
    }
}

/// What findings as bad as this stand under, and in which colour.
fn heading(severity: Severity) -> (&'static str, Ansi) {
    let bold = Ansi::new().bold();
    match severity {
        Severity::WillNotStart => ("Will not start", bold.red()),
        Severity::WillFail => ("Will fail when it …", bold.yellow()),
        Severity::Advice => ("Advice", bold.cyan()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{hostile, missing_roots, none, report, subject};
    use super::*;

    #[test]
    fn people_read_what_when_why_and_what_to_type() {
        let (subject, findings) = (subject(), [missing_roots()]);
        let text = report(&subject, &findings).text(Style::Plain);
        assert_eq!(
            text,
            "image: team/api:7 · linux/amd64 · 6e3a0bf3d0c1\n\
             \n\
             Will fail when it …\n  \
               … dials a TLS server [no-ca-certificates]\n    \
                 /app verifies TLS servers, and there is nothing to verify them with.\n    \
                 - /app links crypto/x509.(*Certificate).Verify\n    \
                 - layer 1, by COPY /app /app\n    \
                 fix:  COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n    \
                 page: museum/x509.html of the book\n\
             \n\
             verdict: it starts; one thing in it will fail when it comes to it"
        );
    }

    #[test]
    fn a_clean_image_gets_one_plain_line() {
        let subject = subject();
        let text = report(&subject, &none()).text(Style::Plain);
        assert!(text.ends_with("verdict: nothing found"), "{text}");
        let ignoring = Report {
            ignored: 2,
            ..report(&subject, &[])
        };
        let text = ignoring.text(Style::Plain);
        assert!(
            text.ends_with("verdict: nothing found (2 findings ignored)"),
            "{text}"
        );
    }

    #[test]
    fn colours_come_only_where_they_are_asked_for() {
        let (subject, findings) = (subject(), [missing_roots()]);
        let coloured = report(&subject, &findings).text(Style::Coloured);
        assert!(coloured.contains("\x1b["));
        let plain = report(&subject, &findings).text(Style::Plain);
        assert_eq!(console::strip_ansi_codes(&coloured), plain);
    }

    #[test]
    fn no_image_commands_the_terminal_or_begins_a_line() {
        let (subject, findings) = hostile();
        let text = report(&subject, &findings).text(Style::Plain);
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n'),
            "{text:?}"
        );
        for line in text.lines().map(str::trim_start) {
            assert!(!line.starts_with("::") && !line.contains("##["), "{line}");
        }
    }

    #[test]
    fn endless_evidence_is_counted_rather_than_shown() {
        let finding = Finding {
            evidence: (0..5000).map(|n| format!("/file-{n}")).collect(),
            ..missing_roots()
        };
        let subject = subject();
        let text = report(&subject, &[finding]).text(Style::Plain);
        assert!(text.contains("- and 4988 more"), "{text}");
        assert!(text.lines().count() < 30);
    }
}
