//! What came of one repository, and where it is written down.

use crate::list::{Foretold, Repository};
use playground::adopt::{Outcome, Report};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A line of `book/recorded/adopt/repositories.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) module: String,
    pub(crate) version: String,
    pub(crate) kinds: Vec<String>,
    /// The folder of the command that was taken; `None` where there is none.
    pub(crate) command: Option<String>,
    /// How many others there are.
    pub(crate) others: usize,
    pub(crate) outcome: String,
    pub(crate) base: Option<String>,
    pub(crate) linkage: Option<String>,
    /// Arguments that it was found to need.
    pub(crate) args: Vec<String>,
    /// The image, in bytes.
    pub(crate) unpacked: Option<u64>,
    pub(crate) compressed: Option<u64>,
    /// The layer of ko's with the same command, unpacked, in bytes.
    pub(crate) ko_bytes: Option<u64>,
    /// Why ko has none.
    pub(crate) ko_why: Option<String>,
    pub(crate) rounds: usize,
    /// All of it, modules fetched included; caches hold what repositories before it left there.
    pub(crate) seconds: f64,
    /// From start to answer, in milliseconds.
    pub(crate) answered_ms: Option<u64>,
    /// Why not, where it does not work.
    pub(crate) why: Option<String>,
}

impl Row {
    /// From a report.
    pub(crate) fn of(repository: &Repository, report: &Report, seconds: f64) -> Row {
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let plan = report.plan.as_ref().filter(|_| report.weight.is_some());
        Row {
            id: repository.id.clone(),
            module: repository.module.clone(),
            version: repository.version.clone(),
            kinds: repository.kinds.clone(),
            command: report.command.as_ref().map(|command| command.dir.clone()),
            others: report.others.len(),
            outcome: word(serde_json::json!(report.outcome)),
            base: plan.map(|plan| plan.base().to_owned()),
            linkage: plan.map(|plan| word(serde_json::json!(plan.linkage))),
            args: plan.map(|plan| plan.args.clone()).unwrap_or_default(),
            unpacked: report.weight.map(|weight| weight.unpacked),
            compressed: report.weight.map(|weight| weight.compressed),
            ko_bytes: None,
            ko_why: None,
            rounds: report.rounds.len(),
            seconds: (seconds * 10.0).round() / 10.0,
            answered_ms: report.answered_ms,
            why: report
                .unmended
                .as_ref()
                .map(|unmended| unmended.what.clone()),
        }
    }

    /// Whether it came to what was foretold.
    pub(crate) fn as_foretold(&self, repository: &Repository) -> bool {
        let outcome = match repository.foretold {
            Foretold::Answers => Outcome::Answers,
            Foretold::Listens => Outcome::Listens,
            Foretold::Tool => Outcome::Tool,
            Foretold::Runs => Outcome::Runs,
            Foretold::Builds => Outcome::Builds,
            Foretold::Nothing => Outcome::Nothing,
        };
        let said = self.why.as_deref().unwrap_or_default();
        let wanted = repository.sentence.as_deref().unwrap_or_default();
        serde_json::json!(outcome) == serde_json::json!(self.outcome) && said.contains(wanted)
    }

    /// For a terminal.
    pub(crate) fn line(&self) -> String {
        let mb = |bytes: Option<u64>| {
            #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
            let mb = bytes.map(|bytes| format!("{:.2}", bytes as f64 / 1e6));
            mb.unwrap_or_else(|| "-".into())
        };
        format!(
            "{:<18} {:<8} {:<24} {:>7} MB (ko {:>7}) {:<8} {:>2} rounds {:>6.1} s  {} {}",
            self.id,
            self.outcome,
            self.command.as_deref().unwrap_or("-"),
            mb(self.unpacked),
            mb(self.ko_bytes),
            self.base.as_deref().map_or("-", |base| match base {
                "scratch" => "scratch",
                _ => "glibc",
            }),
            self.rounds,
            self.seconds,
            self.args.join(" "),
            self.why.as_deref().unwrap_or_default()
        )
    }
}

/// Puts a row in the place of the one of the same id.
pub(crate) fn record(root: &Path, row: &Row) -> Result<(), String> {
    let path = root.join(playground::book::REPOSITORIES);
    let folder = path.parent().ok_or("it lies in a folder")?;
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let mut rows: Vec<Row> = match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| error.to_string())?,
        Err(_) => Vec::new(),
    };
    let mut row = row.clone();
    // ko's side stays where only ours was measured anew.
    if let Some(before) = rows.iter().find(|one| one.id == row.id)
        && (row.ko_bytes.is_none() && row.ko_why.is_none())
        && (&before.version, &before.command) == (&row.version, &row.command)
    {
        row.ko_bytes = before.ko_bytes;
        row.ko_why.clone_from(&before.ko_why);
    }
    rows.retain(|one| one.id != row.id);
    rows.push(row);
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let mut text = serde_json::to_string_pretty(&rows).map_err(|error| error.to_string())?;
    text.push('\n');
    std::fs::write(path, text).map_err(|error| error.to_string())
}
