//! `playground bases status | pull | rebuild`

use super::watch::mb;
use crate::app_state::AppState;
use crate::bases::{BaseState, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Which bases the engine has, and what a rebuilt one lacks
    Status {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Fetch them from the registry, where one answers, also instead of rebuilt ones;
    /// rebuild the rest
    Pull {
        /// Only these
        names: Vec<String>,
    },
    /// Rebuild them from Debian packages, without a registry
    Rebuild {
        /// Only these
        names: Vec<String>,
    },
}

pub(super) async fn bases(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let outcome = async {
        let engine = state.engine().await?;
        let wanted = |names: &[String]| -> Vec<String> {
            match names.is_empty() {
                true => state.bases.names().map(str::to_owned).collect(),
                false => names.to_vec(),
            }
        };
        let watch = Watch::new();
        let tell = |progress: Progress| watch.tell(&progress);
        match &args.what {
            What::Status { json } => {
                for base in state.bases.status(&engine).await {
                    if *json {
                        say!("{}", serde_json::to_string(&base)?);
                        continue;
                    }
                    let size = base.size_bytes.map_or_else(|| "–".into(), mb);
                    let published = (base.published_mb)
                        .map(|mb| format!("  (in the registry: {mb} MB)"))
                        .unwrap_or_default();
                    let (name, state) = (&base.name, base.state.name());
                    say!("{name:<44} {state:<10} {size:>9}{published}");
                    let rebuilt = base.state == BaseState::Rebuilt;
                    for difference in base.differs.iter().filter(|_| rebuilt) {
                        say!("    differs: {difference}");
                    }
                }
            }
            What::Pull { names } => {
                for name in wanted(names) {
                    let state = match state.bases.pull(&engine, &name, &tell).await {
                        Ok(state) => state,
                        Err(error) => {
                            watch.say(&name, &format!("{} {}", error.what, error.cause));
                            state.bases.ensure(&engine, &name, &tell).await?
                        }
                    };
                    say!("{name}: {}", state.name());
                }
            }
            What::Rebuild { names } => {
                let wanted = wanted(names);
                let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
                for (name, state) in state.bases.rebuild(&engine, &names, &tell).await? {
                    say!("{name}: {}", state.name());
                }
            }
        }
        anyhow::Ok(ExitCode::SUCCESS)
    };
    let outcome = super::unless_stopped(outcome).await;
    state.close().await;
    outcome.unwrap_or(Ok(ExitCode::from(130)))
}

/// A bar where bytes are counted, a line where not.
struct Watch {
    bar: ProgressBar,
}

impl Watch {
    fn new() -> Watch {
        let bar = ProgressBar::no_length();
        let style = "  {wide_msg} {bytes} of {total_bytes} {bar:20}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Watch { bar }
    }

    fn tell(&self, progress: &Progress) {
        match progress.total {
            Some(total) => {
                self.bar.set_length(total);
                self.bar.set_position(progress.current);
                self.bar
                    .set_message(format!("{}: {}", progress.base, progress.text));
            }
            None => self.say(&progress.base, &progress.text),
        }
    }

    fn say(&self, base: &str, text: &str) {
        if self.bar.is_hidden() {
            eprintln!("  {base}: {text}");
        } else {
            self.bar.println(format!("  {base}: {text}"));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
