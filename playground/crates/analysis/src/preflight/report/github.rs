//! The report for GitHub Actions: workflow commands for its log, Markdown for its job summary.
//!
//! Source of the escapes: GitHub's documentation of workflow commands and its toolkit's
//! `escapeData` and `escapeProperty`. A runner reads a command off any line that begins with
//! `::`, so no text of an image's may begin one.

use super::{Finding, Report, Severity};
use policy::sanitize::{visible, visible_lines};

/// Bytes of the job summary's rows: it holds 1 MiB, and nobody reads more than a page of it.
const MAX_SUMMARY: usize = 200_000;

impl Report<'_> {
    /// One annotation a finding, and the verdict as a plain line.
    pub fn github(&self) -> String {
        let mut lines: Vec<String> = self.findings.iter().map(|f| self.command(f)).collect();
        lines.push(format!("preflight of {}: {}", self.image(), self.verdict()));
        lines.join("\n")
    }

    fn command(&self, finding: &Finding) -> String {
        let command = match finding.severity {
            Severity::WillNotStart => "error",
            Severity::WillFail => "warning",
            Severity::Advice => "notice",
        };
        let title = format!("{}: {}", finding.severity.words(), finding.rule.title);
        let mut properties = format!("title={}", property(&title));
        if let Some(dockerfile) = self.dockerfile {
            properties.push_str(&format!(",file={}", property(&visible(dockerfile))));
        }
        let mut message = vec![format!("{}: {}", self.image(), visible(&finding.what))];
        if let Some(when) = &finding.when {
            message.push(format!("It fails when it {}.", visible(when)));
        }
        let evidence = finding.evidence.iter().take(5);
        message.extend(evidence.map(|seen| format!("- {}", visible(seen))));
        message.extend(visible_lines(&finding.fix).map(|line| format!("fix: {line}")));
        if let Some(page) = self.page(finding.page()) {
            message.push(format!("page: {page}"));
        }
        format!("::{command} {properties}::{}", data(&message.join("\n")))
    }

    /// For `$GITHUB_STEP_SUMMARY`: a table.
    pub fn github_summary(&self) -> String {
        let mut lines = vec![
            format!("### Preflight of {}", markdown(&self.subject.name)),
            String::new(),
            format!("{}: {}.", markdown(&self.image()), self.verdict()),
            String::new(),
        ];
        let open = self.left_open();
        if !open.is_empty() {
            let open: Vec<_> = open.iter().map(|one| markdown(one)).collect();
            lines.push(format!("Cannot be told: {}.", open.join("; ")));
            lines.push(String::new());
        }
        if !self.findings.is_empty() {
            lines.push("| | Rule | What | Fix |".into());
            lines.push("|---|---|---|---|".into());
        }
        let mut bytes = 0;
        for (i, finding) in self.findings.iter().enumerate() {
            let row = self.row(finding);
            bytes += row.len();
            if bytes > MAX_SUMMARY {
                lines.push(format!("\n… and {} more.", self.findings.len() - i));
                break;
            }
            lines.push(row);
        }
        lines.push(String::new());
        lines.join("\n")
    }

    fn row(&self, finding: &Finding) -> String {
        let rule = match self.page_url(finding.page()) {
            Some(url) => format!("[`{}`]({url})", finding.rule),
            None => format!("`{}`", finding.rule),
        };
        let fix: Vec<_> = finding.fix.lines().map(markdown).collect();
        format!(
            "| {} | {rule} | {} | {} |",
            finding.severity.words(),
            markdown(&finding.what),
            fix.join("<br>"),
        )
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text that is nothing but text in Markdown: no link, no picture, no HTML, no cell's end.
fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible(text).chars() {
        match c {
            c if c.is_ascii_punctuation() => escaped.push_str(&format!("&#{};", c as u32)),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::testing::{hostile, missing_roots, report, subject};
    use super::*;

    #[test]
    fn a_finding_is_a_command_that_the_runner_can_read_back() {
        let (subject, findings) = (subject(), [missing_roots()]);
        let report = Report {
            dockerfile: Some("build/a,b:c%.Dockerfile"),
            ..report(&subject, &findings)
        };
        let said = report.github();
        let (command, verdict) = said.split_once('\n').expect("two lines");
        let wanted = "::warning title=will fail%3A TLS client without CA certificates,\
                      file=build/a%2Cb%3Ac%25.Dockerfile::team/api:7";
        assert!(command.starts_with(wanted), "{command}");
        assert!(command.contains("%0Afix: COPY --from=build "), "{command}");
        assert!(verdict.starts_with("preflight of team/api:7"), "{verdict}");
    }

    #[test]
    fn the_level_says_how_bad_it_is() {
        let subject = subject();
        for (severity, command) in [
            (Severity::WillNotStart, "::error "),
            (Severity::WillFail, "::warning "),
            (Severity::Advice, "::notice "),
        ] {
            let finding = Finding {
                severity,
                ..missing_roots()
            };
            let said = report(&subject, &[finding]).github();
            assert!(said.starts_with(command), "{said}");
        }
    }

    type Properties = Vec<(String, String)>;

    /// What a runner makes of a line: command, properties, message.
    fn read_back(line: &str) -> Option<(&str, Properties, String)> {
        let (head, message) = line.strip_prefix("::")?.split_once("::")?;
        let (command, properties) = head.split_once(' ').unwrap_or((head, ""));
        let plain = |text: &str| {
            text.replace("%3A", ":")
                .replace("%2C", ",")
                .replace("%0D", "\r")
                .replace("%0A", "\n")
                .replace("%25", "%")
        };
        let properties = properties.split(',').filter_map(|property| {
            let (key, value) = property.split_once('=')?;
            Some((key.to_owned(), plain(value)))
        });
        Some((command, properties.collect(), plain(message)))
    }

    #[test]
    fn no_image_gives_the_runner_a_command_of_its_own() {
        let (subject, findings) = hostile();
        let report = Report {
            dockerfile: Some("Dockerfile"),
            ..report(&subject, &findings)
        };
        let said = report.github();
        assert_eq!(said.lines().count(), findings.len() + 1, "{said}");
        for (line, finding) in said.lines().zip(&findings) {
            let (command, properties, message) = read_back(line).expect("a command");
            assert_eq!(command, "warning");
            let keys: Vec<_> = properties.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, ["title", "file"]);
            assert!(message.contains(&visible(&finding.what)), "{message}");
        }
        assert!(!said.contains("##[") && !said.contains("##vso["), "{said}");
        let last = said.lines().last().expect("a verdict");
        assert!(last.starts_with("preflight of "), "{last}");
    }

    #[test]
    fn a_job_summary_is_a_table_and_nothing_an_image_wants() {
        let (subject, findings) = hostile();
        let summary = report(&subject, &findings).github_summary();
        let rows: Vec<_> = summary
            .lines()
            .filter(|l| l.starts_with("| will"))
            .collect();
        assert_eq!(rows.len(), findings.len(), "{summary}");
        for row in rows {
            assert_eq!(row.matches('|').count(), 5, "{row}");
        }
        for active in ["<script", "](http", "https:", "www.", "!["] {
            assert!(!summary.contains(active), "{active} in {summary}");
        }
    }

    #[test]
    fn a_long_job_summary_is_cut() {
        let findings = vec![missing_roots(); 5000];
        let summary = report(&subject(), &findings).github_summary();
        assert!(summary.contains("\n… and "), "{summary}");
        assert!(summary.len() < MAX_SUMMARY + 1000);
    }
}
