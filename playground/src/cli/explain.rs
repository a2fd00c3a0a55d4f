//! `playground explain [MESSAGE]`

use crate::book::lab_pages;
use anyhow::{Context, bail};
use catalog::Catalog;
use catalog::matching::{self, Answer, Found};
use std::io::{IsTerminal, Read, stdin};
use std::path::Path;
use std::process::ExitCode;

/// Nobody pastes more; a stream without an end gets one.
const MAX_INPUT: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The message, in quotes; `-` or nothing reads it from stdin
    message: Vec<String>,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn explain(root: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let catalog = Catalog::load(root)?;
    let pages = lab_pages(root)?;
    let message = match args.message.as_slice() {
        [] => read_stdin()?,
        [dash] if dash == "-" => read_stdin()?,
        words => words.join(" "),
    };
    if message.trim().is_empty() {
        bail!(
            "there is no message to explain\n  \
             next: playground explain 'exec /app: no such file or directory'"
        );
    }
    let answer = catalog.explain(&message).answer(&message, &pages);
    if args.json {
        say!("{}", serde_json::to_string(&answer)?);
    } else {
        print(&answer);
        if message.len() > matching::MAX_BYTES {
            eprintln!("Only the beginning and the end of this long text were read.");
        }
    }
    Ok(ExitCode::from(u8::from(!answer.known)))
}

fn print(answer: &Answer) {
    if let Some(ask) = &answer.ask {
        say!("This says too little to tell.");
        say!("  next: {ask}");
    } else if let Some(alike) = answer.guess() {
        print_guess(alike);
        return;
    } else if !answer.known {
        say!("This is not known here: no lab of the book declares such a message.");
        say!(
            "  next: paste the line that names the cause, whole; `playground list` shows what there is"
        );
    }
    if answer.matches.len() > 1 {
        let causes = answer.matches.len();
        say!("This has {causes} known causes; the likelier ones come first.\n");
    }
    for (i, found) in answer.matches.iter().enumerate() {
        if i > 0 {
            say!("");
        }
        say!("{}", found.title);
        say!("  it means: {}", found.says);
        if let Some(tell) = found.tell.as_ref().filter(|_| answer.matches.len() > 1) {
            say!("  to tell:  {tell}");
        }
        print_page(found);
        say!("  next:     playground run {}", found.lab);
    }
}

/// What nobody knows and only resembles something.
fn print_guess(alike: &Found) {
    say!(
        "This is not known here. By likeness: it resembles reports about this page, and may be about another.\n"
    );
    say!("{}", alike.title);
    say!("  words that decided: {}", alike.words.join(", "));
    if let Some(tell) = &alike.tell {
        say!("  to tell:  {tell}");
    }
    print_page(alike);
}

fn print_page(found: &Found) {
    if let Some(page) = &found.page {
        say!("  page:     {page}, in the book that `playground serve` opens");
    }
}

fn read_stdin() -> anyhow::Result<String> {
    let stdin = stdin();
    if stdin.is_terminal() {
        eprintln!("Paste the message, then press Ctrl-D on a line of its own.");
    }
    let mut bytes = Vec::new();
    let mut input = stdin.lock().take(MAX_INPUT);
    input
        .read_to_end(&mut bytes)
        .context("stdin cannot be read")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
