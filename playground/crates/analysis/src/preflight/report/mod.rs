//! Findings as reports: for people, for programs, for code scanning, for a CI's log.
//!
//! Owns what is said and in which form; [`Report`] is pure text from pure values. Whatever an
//! image brought along is hostile: it cannot command a terminal, a CI's runner, or a page.
//! Refuses to know files, terminals and exit codes.

mod github;
mod json;
mod judged;
mod sarif;
#[cfg(test)]
mod testing;
mod text;

pub use json::finding as finding_json;
pub use judged::JudgedAs;
pub use sarif::{Remark, RemarkRule};
pub use text::Style;

use super::{Finding, Severity};
use crate::subject::Subject;

/// Findings about one image, ready to be reported.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The image.
    pub subject: &'a Subject,
    /// The container that a manifest makes of it, where one was named.
    pub judged_as: Option<JudgedAs<'a>>,
    /// What was found, the worst first.
    pub findings: &'a [Finding],
    /// How many findings were left out because somebody asked for that.
    pub ignored: usize,
    /// Where the book is published: `https://example.org/empty-room/`.
    pub book_url: Option<&'a str>,
    /// The Dockerfile in the repository that findings are shown at: `build/Dockerfile`.
    pub dockerfile: Option<&'a str>,
}

impl Report<'_> {
    /// The worst of what was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).min()
    }

    /// Whether anything is at least as bad.
    pub fn reaches(&self, severity: Severity) -> bool {
        self.worst().is_some_and(|worst| worst <= severity)
    }

    fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings.filter(|found| found.severity == severity).count()
    }

    /// In one sentence.
    fn verdict(&self) -> String {
        let mut verdict = match self.worst() {
            None => "nothing found".to_owned(),
            Some(Severity::WillNotStart) => "it will not start".to_owned(),
            Some(Severity::WillFail) => match self.count(Severity::WillFail) {
                1 => "it starts; one thing in it will fail when it comes to it".to_owned(),
                n => format!("it starts; {n} things in it will fail when it comes to them"),
            },
            Some(Severity::Advice) => match self.count(Severity::Advice) {
                1 => "nothing found that fails; one piece of advice".to_owned(),
                n => format!("nothing found that fails; {n} pieces of advice"),
            },
        };
        match self.ignored {
            0 => {}
            1 => verdict.push_str(" (one finding ignored)"),
            n => verdict.push_str(&format!(" ({n} findings ignored)")),
        }
        verdict
    }

    /// The full address of a page of the book.
    fn page_url(&self, page: Option<&str>) -> Option<String> {
        let base = self.book_url?.trim_end_matches('/');
        Some(format!("{base}/{}", page?))
    }

    /// Where to read on: an address, or the page's place in the book.
    fn page(&self, page: Option<&str>) -> Option<String> {
        let here = || Some(format!("{} of the book", page?));
        self.page_url(page).or_else(here)
    }
}
