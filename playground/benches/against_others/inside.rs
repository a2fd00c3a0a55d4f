//! X-ray against what does part of it: `docker save` to nothing, the least that reading an
//! image can take; dive in CI mode; go-size-analyzer on the stage's binary.
//!
//! `DIVE` and `GSA` name the programs (default: `dive` and `gsa`). What is not there is not
//! compared, and that is said.

use super::pairs::Pairs;
use super::process::run;
use super::{Bench, IMAGE};
use std::path::{Path, PathBuf};
use std::process::Command;

const ROUNDS: usize = 7;
const BINARY_ROUNDS: usize = 21;

impl Bench {
    pub(crate) async fn inside(&self) -> anyhow::Result<()> {
        let xray = |what: &Path| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
            command
                .env("DOCKER_HOST", self.cli.socket())
                .args(["xray", "--json"])
                .arg(what);
            command
        };
        for stage in ["stage-1", "stage-6"] {
            let (tar, dockerfile, _folder) = self.context(stage, "")?;
            self.ours(tar, dockerfile).await?;
            let save = || self.cli.save(IMAGE);
            let what = format!("X-ray of {stage}'s image, against docker save");
            against(
                &what,
                "≤ 1.0",
                ROUNDS,
                Theirs::Succeeds,
                &|| xray(IMAGE.as_ref()),
                &save,
            )?;
            let dive = || {
                let mut command = Command::new(program("DIVE", "dive"));
                command
                    .env("DOCKER_HOST", self.cli.socket())
                    .env("CI", "true")
                    .arg(IMAGE);
                command
            };
            let what = format!("X-ray of {stage}'s image, against dive");
            let theirs = Theirs::Judges;
            against(
                &what,
                "≤ 0.9",
                ROUNDS,
                theirs,
                &|| xray(IMAGE.as_ref()),
                &dive,
            )?;
            if stage == "stage-6" {
                self.preflight("stage-6's image, a service")?;
                let folder = tempfile::tempdir()?;
                let app = folder.path().join("app");
                self.cli.copy_out(IMAGE, "/app", &app)?;
                let gsa = || {
                    let mut command = Command::new(program("GSA", "gsa"));
                    command.args(["--format", "json"]).arg(&app);
                    command
                };
                let what = format!(
                    "X-ray of {stage}'s binary ({} bytes), against go-size-analyzer",
                    app.metadata()?.len()
                );
                let theirs = Theirs::Succeeds;
                against(&what, "≤ 0.05", BINARY_ROUNDS, theirs, &|| xray(&app), &gsa)?;
            }
        }
        self.alone()
    }
}

/// What the other side's exit code means.
#[derive(Clone, Copy, PartialEq)]
enum Theirs {
    /// It did what it was asked.
    Succeeds,
    /// It is a verdict on the image, as dive's in CI mode.
    Judges,
}

fn program(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| name.into(), PathBuf::from)
}

/// Runs both in turn and prints times as a ratio, and the highest peak of each.
fn against(
    what: &str,
    aim: &str,
    rounds: usize,
    exits: Theirs,
    ours: &dyn Fn() -> Command,
    theirs: &dyn Fn() -> Command,
) -> anyhow::Result<()> {
    // Both once, unmeasured: the disk's cache is warm for both.
    if let Err(error) = run(&mut theirs()) {
        println!("{what}: not compared, {error}");
        return Ok(());
    }
    anyhow::ensure!(run(&mut ours())?.status.success(), "{what}: ours failed");
    let mut pairs = Pairs::default();
    let mut peaks = (0, 0);
    for _ in 0..rounds {
        let (a, b) = (run(&mut ours())?, run(&mut theirs())?);
        anyhow::ensure!(a.status.success(), "{what}: ours failed");
        let failed = exits == Theirs::Succeeds && !b.status.success();
        anyhow::ensure!(!failed, "{what}: theirs failed");
        pairs.push(a.time, b.time);
        peaks = (peaks.0.max(a.peak), peaks.1.max(b.peak));
    }
    pairs.print(what, aim);
    let mb = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "  peak memory: ours {:.1} MB, theirs {:.1} MB",
        mb(peaks.0),
        mb(peaks.1)
    );
    Ok(())
}
