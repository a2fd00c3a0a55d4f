//! What `adopt` came to on public repositories, in Markdown: `book/recorded/adopt/repositories.json`,
//! which `script/adopt-matrix` writes.

use anyhow::Context;
use policy::Megabytes;
use serde::Deserialize;
use std::fmt::Write;
use std::path::Path;

/// Where it was written down, from the book's folder.
pub const REPOSITORIES: &str = "book/recorded/adopt/repositories.json";

/// What came of one repository.
#[derive(Clone, Debug, Deserialize)]
struct Row {
    module: String,
    version: String,
    kinds: Vec<String>,
    command: Option<String>,
    outcome: String,
    base: Option<String>,
    unpacked: Option<u64>,
    ko_bytes: Option<u64>,
    rounds: usize,
    why: Option<String>,
}

/// All that was recorded.
#[derive(Clone, Debug, Default)]
pub(super) struct Repositories(Vec<Row>);

impl Repositories {
    /// Reads it; nothing where nothing was recorded.
    pub(super) fn load(root: &Path) -> anyhow::Result<Repositories> {
        match std::fs::read(root.join(REPOSITORIES)) {
            Ok(json) => Ok(Repositories(
                serde_json::from_slice(&json).context(REPOSITORIES)?,
            )),
            Err(_) => Ok(Repositories::default()),
        }
    }

    /// What `{{#repositories}}` stands for: the figures of all, and a row for each.
    pub(super) fn table(&self) -> String {
        if self.0.is_empty() {
            return "*Nothing has been recorded yet.*\n".to_owned();
        }
        let count = |fits: fn(&Row) -> bool| self.0.iter().filter(|row| fits(row)).count();
        let built = count(|row| row.unpacked.is_some());
        let came_up = |row: &Row| matches!(&*row.outcome, "answers" | "listens" | "runs" | "tool");
        let mut text = format!(
            "{} repositories, {built} of them built, {} come up ({} answer, {} are tools), {} of \
             the built ones on scratch.\n\n",
            self.0.len(),
            count(came_up),
            count(|row| row.outcome == "answers"),
            count(|row| row.outcome == "tool"),
            count(|row| row.base.as_deref() == Some("scratch")),
        );
        text.push_str(
            "| Module | What kind | Command | It | Base | Image | ko's layer | Rounds |\n\
             |---|---|---|---|---|--:|--:|--:|\n",
        );
        for row in &self.0 {
            let command = row
                .command
                .as_deref()
                .map(|dir| format!("`{}`", plain(dir)));
            let told = match (&*row.outcome, &row.why) {
                ("answers" | "listens" | "runs" | "tool", None) => words(&row.outcome).to_owned(),
                (_, Some(why)) => format!("{}: {}", words(&row.outcome), plain(why)),
                (outcome, None) => words(outcome).to_owned(),
            };
            let _ = writeln!(
                text,
                "| {} {} | {} | {} | {told} | {} | {} | {} | {} |",
                plain(&row.module),
                plain(&row.version),
                plain(&row.kinds.join(", ")),
                command.unwrap_or_else(|| "–".into()),
                row.base.as_deref().map_or("–".into(), plain),
                mb(row.unpacked),
                mb(row.ko_bytes),
                row.rounds,
            );
        }
        text
    }
}

fn words(outcome: &str) -> &str {
    match outcome {
        "answers" => "answers",
        "listens" => "listens",
        "tool" => "is a tool, and tells about itself",
        "runs" => "runs",
        "builds" => "is built, and does not come up alone",
        _ => "has no image",
    }
}

fn mb(bytes: Option<u64>) -> String {
    let mb = bytes.map(|bytes| format!("{:.1}", Megabytes(bytes)));
    mb.unwrap_or_else(|| "–".into())
}

/// Text of strangers in a cell of a table: no markup, no cell of its own, no more than a sentence.
fn plain(text: &str) -> String {
    let text = policy::sanitize::visible(text);
    let short: String = text.chars().take(200).collect();
    let safe = short.chars().flat_map(|c| {
        let escaped = matches!(
            c,
            '|' | '<' | '>' | '`' | '*' | '[' | ']' | '\\' | '_' | '{' | '}' | '$' | '&'
        );
        let code = u32::from(c);
        match escaped {
            true => format!("&#{code};").chars().collect::<Vec<_>>(),
            false => vec![c],
        }
    });
    safe.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_a_row_and_says_why_it_has_no_image() {
        let row = |outcome: &str, why: &str| {
            format!(
                "{{\"id\":\"x\",\"module\":\"a.test/x\",\"version\":\"v1\",\"kinds\":[\"CLI\"],\"command\":null,\
                 \"outcome\":\"{outcome}\",\"base\":null,\"unpacked\":null,\"ko_bytes\":7000000,\"rounds\":1,\
                 \"why\":{why}}}"
            )
        };
        let json = format!(
            "[{},{}]",
            row("nothing", "\"It is <b>a</b> | library.\""),
            row("tool", "null")
        );
        let rows = Repositories(serde_json::from_str(&json).expect("rows"));
        let table = rows.table();
        assert!(
            table.starts_with("2 repositories, 0 of them built, 1 come up"),
            "{table}"
        );
        let lines: Vec<_> = table.lines().skip(4).collect();
        assert_eq!(lines.len(), 2, "{table}");
        assert!(lines[0].contains("has no image: It is &#60;b") && lines[0].contains("7.0 MB"));
        for line in lines {
            assert_eq!(line.matches(" | ").count(), 7, "{line}");
        }
    }

    #[test]
    fn where_nothing_was_recorded_that_is_said() {
        assert!(Repositories::default().table().contains("Nothing"));
    }
}
