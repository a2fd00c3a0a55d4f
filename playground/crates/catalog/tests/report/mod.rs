//! Reports from the world: one JSON object a line, with `message` and `page` (alternatives between
//! `|`; `none` where silence is right).

use catalog::likeness::{Lesson, NONE};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A text and what it is about.
pub(crate) struct Report {
    /// Where it was seen.
    pub(crate) source: String,
    /// What somebody wrote or pasted.
    pub(crate) message: String,
    /// The page that it wants; others that would do.
    pub(crate) pages: Vec<String>,
}

impl Report {
    /// What is to be learnt of it.
    pub(crate) fn lesson(&self) -> Lesson {
        Lesson {
            text: self.message.clone(),
            page: self.pages[0].clone(),
        }
    }

    /// Whether silence alone is right.
    pub(crate) fn stranger(&self) -> bool {
        self.pages == [NONE]
    }

    /// Whether this page is right, or silence.
    pub(crate) fn wants(&self, page: &str) -> bool {
        self.pages.iter().any(|wanted| wanted == page)
    }
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// The file of all that were collected.
pub(crate) fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports.jsonl")
}

/// The reports of a file, without empty ones.
pub(crate) fn read(file: &Path) -> Vec<Report> {
    let text = std::fs::read_to_string(file).expect("the reports");
    let report = |line: &str| {
        let report: Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| report[key].as_str().unwrap_or_default().to_owned();
        let pages = text("page").split('|').map(str::to_owned).collect();
        Report {
            source: text("source"),
            message: text("message"),
            pages,
        }
    };
    let reports = text.lines().map(report);
    reports
        .filter(|report| !report.message.trim().is_empty())
        .collect()
}
