//! `playground new lab NAME`: a skeleton that already does what it declares, to be changed.
//!
//! Everything is looked at before anything is written. The files themselves lie beside this one,
//! as templates.

mod lab;
#[cfg(test)]
mod tests;

use anyhow::anyhow;
use catalog::Kind;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// A lab with its page: builds, runs, and is as declared from the start
    Lab {
        /// The lab's id, kebab-case: also the name of its folder and of its page
        name: String,
        /// What the lab is for
        #[arg(long, value_enum, default_value = "failure")]
        kind: LabKind,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LabKind {
    /// One way an image breaks, with its repair: a page of the museum
    Failure,
    /// A station on the journey
    Stage,
    /// Cases that are measured side by side
    Experiment,
}

pub(super) fn new(root: &Path, args: &Args) -> anyhow::Result<ExitCode> {
    let What::Lab { name, kind } = &args.what;
    let kind = match kind {
        LabKind::Failure => Kind::Failure,
        LabKind::Stage => Kind::Stage,
        LabKind::Experiment => Kind::Experiment,
    };
    // What cannot be planned is a bad argument, or content to be mended first.
    let plan = lab::plan(root, name, kind).map_err(|error| anyhow!("{error}"))?;
    for path in plan.write(root)? {
        say!("{path}");
    }
    for line in &plan.by_hand {
        say!("{line}");
    }
    say!("next: playground check-content {name}");
    Ok(ExitCode::SUCCESS)
}
