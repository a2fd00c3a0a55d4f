//! `playground bases status | pull | rebuild`

use super::watch::mb;
use crate::bases::Progress;
use crate::launch::Launch;
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
    /// Fetch them from the registry, where one answers; rebuild the rest
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

pub(super) async fn bases(launch: Launch, args: Args) -> anyhow::Result<ExitCode> {
    let engine = launch.engine().await?;
    let outcome = async {
        let wanted = |names: &[String]| -> Vec<String> {
            if names.is_empty() {
                launch.bases.names()
            } else {
                names.to_vec()
            }
        };
        let tell = |progress: Progress| match progress {
            Progress::Line(line) => eprintln!("  {line}"),
            Progress::Bytes { what, current, total } => {
                let total = total.map_or_else(String::new, |t| format!(" of {}", mb(t)));
                eprintln!("  {what} {}{total}", mb(current));
            }
        };
        match &args.what {
            What::Status { json } => {
                for base in launch.bases.status(&engine).await {
                    if *json {
                        println!("{}", serde_json::to_string(&base)?);
                        continue;
                    }
                    let size = base.size_bytes.map_or_else(|| "–".into(), mb);
                    println!(
                        "{:<44} {:<10} {size:>9}  published: {} MB",
                        base.name,
                        base.state.name(),
                        base.published_mb
                    );
                    for difference in &base.differs {
                        println!("    differs: {difference}");
                    }
                }
            }
            What::Pull { names } => {
                for name in wanted(names) {
                    let state = launch.bases.ensure(&engine, &name, &tell).await?;
                    println!("{name}: {}", state.name());
                }
            }
            What::Rebuild { names } => {
                for name in wanted(names) {
                    let state = launch.bases.rebuild(&engine, &name, &tell).await?;
                    println!("{name}: {}", state.name());
                }
            }
        }
        anyhow::Ok(ExitCode::SUCCESS)
    };
    let outcome = tokio::select! {
        outcome = outcome => outcome,
        () = super::asked_to_end() => Ok(ExitCode::from(130)),
    };
    launch.close().await;
    outcome
}
