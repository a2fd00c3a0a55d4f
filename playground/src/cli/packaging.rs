//! `playground completions` and `playground man`: what packages of this program hold beside it.

use clap::Command;
use clap_complete::Shell;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Whose completions are printed
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// The folder to write to; made where it is not there
    dir: PathBuf,
}

pub(super) fn completions(mut command: Command, args: &Completions) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "playground", &mut script);
    say!("{}", String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}

/// Writes a page for each command that is not hidden.
pub(super) fn man(command: Command, args: &Man) -> io::Result<ExitCode> {
    std::fs::create_dir_all(&args.dir)?;
    clap_mangen::generate_to(command, &args.dir)?;
    say!(
        "The manual lies in {}; see it: man {}/playground.1",
        args.dir.display(),
        args.dir.display()
    );
    Ok(ExitCode::SUCCESS)
}
