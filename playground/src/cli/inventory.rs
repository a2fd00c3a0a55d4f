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
        Some(id) => {
            // A bad name is a bad argument, not an error of ours.
            let question = inventory.question(id);
            vec![question.map_err(|error| anyhow::anyhow!("{error}"))?]
        }
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
        let line = match Line::read(input).context("the answer cannot be read")? {
            Line::End => return Ok(None),
            Line::TooLong => {
                say!("This answer is longer than {MAX_ANSWER_BYTES} bytes.\nTry again:");
                continue;
            }
            Line::Text(line) => line,
        };
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

/// A line of the input.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Text(String),
    /// Longer than any answer; its rest was skipped.
    TooLong,
    /// The input is over.
    End,
}

impl Line {
    /// Reads the next; holds no more of it than an answer may have.
    fn read(input: &mut impl BufRead) -> std::io::Result<Line> {
        let mut line = Vec::new();
        // With the longest end of a line, CR LF.
        let mut limited = input.by_ref().take(MAX_ANSWER_BYTES as u64 + 2);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(Line::End);
        }
        let whole = line.ends_with(b"\n") || line.len() <= MAX_ANSWER_BYTES;
        if !whole && input.skip_until(b'\n')? > 0 {
            return Ok(Line::TooLong);
        }
        Ok(Line::Text(String::from_utf8_lossy(&line).into_owned()))
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
    fn the_rest_of_a_line_that_is_too_long_is_no_answer() {
        // The limit falls within a character.
        let long = format!("x{}", "é".repeat(MAX_ANSWER_BYTES));
        let fits = "x".repeat(MAX_ANSWER_BYTES);
        let text = format!("{long}\n{fits}\r\n{long}\nglibc\n\n{long}");
        let mut input = text.as_bytes();
        let mut lines = Vec::new();
        loop {
            match Line::read(&mut input).expect("it is read") {
                Line::End => break,
                line => lines.push(line),
            }
        }
        let said = |text: &str| Line::Text(text.to_owned());
        let fits = said(&format!("{fits}\r\n"));
        let [first, second] = [Line::TooLong, Line::TooLong];
        let rest = [said("glibc\n"), said("\n"), Line::TooLong];
        assert_eq!(lines[..3], [first, fits, second]);
        assert_eq!(lines[3..], rest);
        let cut: &[u8] = b"gl\xC3\n1\n";
        let mut input = cut;
        let odd = Line::read(&mut input).expect("no reason to end");
        assert_eq!(odd, said("gl\u{FFFD}\n"));
        assert_eq!(Line::read(&mut input).expect("it is read"), said("1\n"));
    }

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
