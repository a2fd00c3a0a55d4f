//! `playground build`: the book as plain files, for any web server, or for none.

use crate::app_state::AppState;
use crate::book;
use anyhow::{Context, bail};
use catalog::Catalog;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What says that a folder holds a book of ours.
const MARK: &str = ".empty-room-book";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to write to, by default book/book of a checkout, else ./empty-room-book; an
    /// earlier book there is replaced
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Writes the book of `root`; one that this program carries (`carried`) does not go beside its
/// sources.
pub(super) fn build(root: &Path, carried: bool, args: &Args) -> anyhow::Result<ExitCode> {
    let out = match (&args.out, carried) {
        (Some(out), _) => out.clone(),
        (None, true) => PathBuf::from("empty-room-book"),
        (None, false) => root.join("book/book"),
    };
    // mdBook empties the folder first: never one that is not a book.
    let mut entries = std::fs::read_dir(&out).into_iter().flatten();
    if entries.next().is_some() && (!out.join(MARK).is_file() || out.join(".git").exists()) {
        bail!(
            "{} holds something else than a book, and would be emptied\n  next: name another \
             folder with --out",
            out.display()
        );
    }
    let catalog = Catalog::load(root)?;
    book::render(root, &out, book::panels(root, &catalog)?)?;
    std::fs::write(out.join(MARK), "")?;
    say!("The book lies in {}.", out.display());
    Ok(ExitCode::SUCCESS)
}

/// The book, rendered into a temporary folder.
pub(super) fn rendered(state: &AppState) -> anyhow::Result<tempfile::TempDir> {
    let out = tempfile::Builder::new().prefix("empty-room-").tempdir();
    let out = out.context("no temporary folder can be made\n  next: make room in /tmp")?;
    let panels = book::panels(&state.root, &state.catalog)?;
    book::render(&state.root, out.path(), panels)?;
    Ok(out)
}
