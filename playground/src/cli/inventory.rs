//! `playground inventory`: questions that ask why, before a page and after its run.

mod stats;

use crate::app_state::AppState;
use crate::exercises::inventory::{answered, sittings};
use crate::exercises::progress::When;
use anyhow::Context;
use catalog::inventory::{Explanation, Inventory, MAX_ANSWER_BYTES, Question};
use policy::sanitize::shown;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{BufRead, Read};
use std::process::ExitCode;

/// Columns of a line.
const WIDTH: usize = 90;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the questions, and which of them were answered
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Put a question, or all that were not answered yet; answers come from stdin, one a line
    Ask {
        /// The lab that it asks about
        id: Option<String>,
        /// Before the page and the run: the answer is kept, and nothing is told (the default)
        #[arg(long, conflicts_with = "after")]
        before: bool,
        /// After the run: says whether it was right, and why
        #[arg(long)]
        after: bool,
    },
    /// Say what many answers tell about each question: share right, gain, discrimination
    Stats(stats::Args),
}

pub(super) fn inventory(state: &AppState, args: Args) -> anyhow::Result<ExitCode> {
    let inventory = Inventory::load(&state.root, &state.catalog)?;
    match args.command {
        Command::List { json } => list(state, &inventory, json),
        Command::Ask { id, after, .. } => {
            let when = match after {
                true => When::After,
                false => When::Before,
            };
            ask(state, &inventory, id.as_deref(), when)
        }
        Command::Stats(args) => stats::stats(state, &inventory, &args),
    }
}

fn list(state: &AppState, inventory: &Inventory, json: bool) -> anyhow::Result<ExitCode> {
    let acts = state.progress.acts()?;
    let done = sittings(&acts);
    let width = inventory.questions.iter().map(|one| one.id.len()).max();
    let width = width.unwrap_or(0);
    for question in &inventory.questions {
        let [before, after] =
            [When::Before, When::After].map(|when| is_done(&done, question, when));
        if json {
            let mut line = json!(question.asked());
            line["before"] = json!(before);
            line["after"] = json!(after);
            say!("{line}");
            continue;
        }
        let title = state
            .catalog
            .lab(&question.id)
            .map(|lab| lab.title.as_str());
        let [before, after] =
            [(before, "before"), (after, "after")].map(|(done, word)| match done {
                true => word,
                false => "",
            });
        let (id, title) = (&question.id, title.unwrap_or_default());
        say!("{id:width$}  {before:6}  {after:5}  {title}");
    }
    Ok(ExitCode::SUCCESS)
}

fn is_done(done: &BTreeSet<(&str, When)>, question: &Question, when: When) -> bool {
    done.contains(&(question.id.as_str(), when))
}

fn ask(
    state: &AppState,
    inventory: &Inventory,
    id: Option<&str>,
    when: When,
) -> anyhow::Result<ExitCode> {
    let acts = state.progress.acts()?;
    let done = sittings(&acts);
    let questions: Vec<&Question> = match id {
        Some(id) => vec![inventory.question(id)?],
        None => {
            let all = inventory.questions.iter();
            all.filter(|one| !is_done(&done, one, when)).collect()
        }
    };
    if questions.is_empty() {
        say!("Every question was answered. Put one again with: playground inventory ask ID");
    }
    let (word, all) = match when {
        When::Before => ("before", questions.len()),
        When::After => ("after", questions.len()),
    };
    let mut input = std::io::stdin().lock();
    for (at, question) in questions.iter().enumerate() {
        put(question, &format!("{} of {all}, {word}", at + 1));
        let Some(answer) = read(question, &mut input)? else {
            say!("Stopped here; what was answered is kept.");
            break;
        };
        let Some(answer) = answer else {
            say!("Left open.\n");
            continue;
        };
        let explanation = answered(&state.progress, question, &answer, when)?;
        match when {
            When::Before => say!("Kept. The answer comes after the run, with --after.\n"),
            When::After => tell(&explanation),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn put(question: &Question, place: &str) {
    let asked = question.asked();
    say!("{} ({place})", question.id);
    say!("{}", wrapped(asked.stem, ""));
    if let Some(message) = asked.message {
        say!("\n    {message}");
    }
    match asked.options {
        Some(options) => {
            say!("");
            for (number, option) in (1..).zip(options) {
                say!("{}", wrapped(option.text, &format!("  {number}  ")));
            }
            say!("\nYour answer, a number (an empty line leaves it open):");
        }
        None => say!("\nYour answer, in a few words (an empty line leaves it open):"),
    }
}

/// An answer as it is kept; within, `None` where it was left open. `None` at the end of the input.
fn read(question: &Question, input: &mut impl BufRead) -> anyhow::Result<Option<Option<String>>> {
    loop {
        let mut line = String::new();
        // A stream without line ends gets one.
        let mut limited = input.by_ref().take(MAX_ANSWER_BYTES as u64 + 2);
        let read = limited.read_line(&mut line);
        if read.context("the answer cannot be read")? == 0 {
            return Ok(None);
        }
        let line = line.trim();
        if line.is_empty() {
            return Ok(Some(None));
        }
        let answer = chosen(question, line).unwrap_or(line);
        match question.judge(answer) {
            Ok(_) => return Ok(Some(Some(answer.to_owned()))),
            Err(error) => say!("{}\nTry again:", shown(&error.what)),
        }
    }
}

/// The answer of this number.
fn chosen<'q>(question: &'q Question, number: &str) -> Option<&'q str> {
    let number: usize = number.trim_end_matches(['.', ')']).parse().ok()?;
    let options = question.asked().options?;
    Some(options.get(number.checked_sub(1)?)?.id)
}

fn tell(explanation: &Explanation<'_>) {
    say!("");
    match (explanation.judgement.right, explanation.judgement.says) {
        (true, _) => say!("Right."),
        (false, says) => {
            let unknown = "These words are not known here: compare them with the answer.";
            say!("{}", wrapped(says.unwrap_or(unknown), "Not so. "));
            say!("{}", wrapped(explanation.answer, "The answer: "));
        }
    }
    say!("{}", wrapped(explanation.why, "Why: "));
    say!("See it: playground run {}\n", explanation.run);
}

/// Lines that fit; all but the first begin below the text of the first.
fn wrapped(text: &str, first: &str) -> String {
    let indent = match first.trim_start().chars().next() {
        Some(c) if c.is_ascii_digit() => " ".repeat(first.len()),
        _ => String::new(),
    };
    let mut lines = vec![first.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line + word.chars().count() >= WIDTH {
            lines.push(indent.clone());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_wrapped_below_their_number() {
        let text = "word ".repeat(30);
        let lines = wrapped(&text, "  1  ");
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("  1  word word") && lines[1].starts_with("     word"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH));
        assert_eq!(wrapped("so", "Why: "), "Why: so");
    }
}
