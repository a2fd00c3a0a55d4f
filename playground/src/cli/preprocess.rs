//! `playground preprocess`: what book.toml names for an ordinary `mdbook build`.

use crate::book;
use catalog::Catalog;
use std::io;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    question: Option<Question>,
}

#[derive(Debug, clap::Subcommand)]
enum Question {
    /// Whether a renderer is supported: any is
    Supports { renderer: String },
}

pub(super) fn preprocess(root: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(Question::Supports { renderer: _ }) = &args.question {
        return Ok(ExitCode::SUCCESS);
    }
    let catalog = Catalog::load(root)?;
    let panels = book::panels(root, &catalog)?;
    book::preprocess(io::stdin().lock(), io::stdout().lock(), &panels)?;
    Ok(ExitCode::SUCCESS)
}
