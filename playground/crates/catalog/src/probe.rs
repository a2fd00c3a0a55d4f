//! A kind of check: `[[variant.probe]]`, an HTTP question to the running container. Its TOML form,
//! its judgement and its words. How it is asked is the prober's business.

use crate::check_result::{CheckResult, first_line};
use crate::pattern::as_text_option;
use crate::toml::reader::{At, Need};
use crate::toml::rules::id_and_title;
use crate::toml::table::Table;
use regex::Regex;
use serde::Serialize;

/// One HTTP GET against the running container, and the answer that must come.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// Names the check (kebab-case).
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// Path and query.
    pub get: String,
    /// Expected status code.
    pub status: u16,
    /// Pattern that the body must contain.
    #[serde(serialize_with = "as_text_option")]
    pub body: Option<Regex>,
}

/// An answered (or unanswered) probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Probed {
    /// The probe's id.
    pub probe: String,
    /// Path and query.
    pub get: String,
    /// HTTP status; absent where no answer came.
    pub status: Option<u16>,
    /// Beginning of the body, or why no answer came.
    pub body: String,
    /// Milliseconds from question to answer.
    pub ms: u64,
}

impl Probe {
    pub(crate) fn read(table: Table<'_>) -> (Option<At<'_, String>>, Option<Probe>) {
        let (id, title) = id_and_title(&table, "a", "probe");
        let get = table.text("get", Need::Required);
        let status = table.integer("status", Need::Required, 100..=599);
        let body = table.regex("body", Need::Optional);
        if let Some(get) = &get
            && !(get.value.starts_with('/') && get.value.bytes().all(|b| b.is_ascii_graphic()))
        {
            get.report(format!("`{get}` is not a path such as /time?zone=UTC"));
        }
        table.finish();
        let probe = (|| {
            Some(Probe {
                id: id.clone()?.value,
                title: title?,
                get: get?.value,
                status: status?.value,
                body: body.map(|body| body.value),
            })
        })();
        (id, probe)
    }

    /// Holds the answers of a run against what is declared.
    pub fn judge(&self, probed: &[Probed]) -> CheckResult {
        let mut expected = self.status.to_string();
        if let Some(body) = &self.body {
            expected = format!("{expected}, body has {}", body.as_str());
        }
        let answer = probed.iter().find(|answer| answer.probe == self.id);
        let passed = answer.is_some_and(|answer| {
            let body = self.body.as_ref();
            answer.status == Some(self.status) && body.is_none_or(|b| b.is_match(&answer.body))
        });
        let seen = match answer.map(|answer| (answer.status, first_line(&answer.body))) {
            Some((Some(status), body)) => format!("{status} {body}"),
            Some((None, why)) => why,
            None => "was not asked".into(),
        };
        CheckResult {
            id: self.id.clone(),
            title: self.title.clone(),
            expected,
            seen,
            passed,
            unreached: answer.is_none(),
        }
    }
}
