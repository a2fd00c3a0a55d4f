//! From a strange repository to its first answer, beside the tools that only build.
//!
//! Ours finds the command, builds as often as repairs ask for, starts, and asks. `docker build` is
//! given the Dockerfile that came of it, and ko the same command: neither starts anything.

use crate::Bench;
use crate::pairs::Pairs;
use analysis::dockerfile::substitute_bases;
use playground::adopt::{Outcome, Report, Request, adopt};
use playground::run::RunLog;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const COLD_ROUNDS: usize = 3;
const WARM_ROUNDS: usize = 5;
/// The image that ko is in: made before anything is timed, so that its own build counts for nothing.
const KO: &str = "empty-room/bench:ko";

impl Bench {
    pub(crate) async fn adoption(&self) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let tree = folder.path().join("shop");
        copy(&fixture(), &tree)?;
        let (_, report) = self.adopted(&tree).await?;
        let plan = report.plan.as_ref();
        let plan = plan.ok_or_else(|| anyhow::anyhow!("adopt has no plan for the fixture"))?;
        let theirs = folder.path().join("docker");
        copy(&fixture(), &theirs)?;
        let written = report.dockerfile.as_deref().unwrap_or_default();
        fs::write(
            theirs.join("Dockerfile"),
            substitute_bases(written, &self.substitutes),
        )?;
        let ignored = report.dockerignore.as_deref().unwrap_or_default();
        fs::write(theirs.join(".dockerignore"), ignored)?;
        let ko = folder.path().join("ko");
        self.prepare_ko(&plan.go_image, folder.path())?;
        copy(&fixture(), &ko)?;
        for (what, rounds, cold) in [
            ("with empty caches", COLD_ROUNDS, true),
            ("again", WARM_ROUNDS, false),
        ] {
            let (mut docker, mut with_ko) = (Pairs::default(), Pairs::default());
            for round in 0..rounds {
                self.empty(cold)?;
                let (ours, _) = self.adopted(&tree).await?;
                self.empty(cold)?;
                let (_, built) = self.cli.build(&theirs, "empty-room/bench:cli")?;
                self.empty(cold)?;
                // A step that was done is not done again: another round is another step.
                let number = format!("{what} {round}");
                fs::write(ko.join("Dockerfile"), ko_build(&plan.package, &number))?;
                let (_, by_ko) = self.cli.build(&ko, "empty-room/bench:cli")?;
                docker.push(ours, built);
                with_ko.push(ours, by_ko);
            }
            docker.print(
                &format!("adopt to its first answer against docker build, {what}"),
                "no more than its rounds",
            );
            with_ko.print(
                &format!("adopt to its first answer against ko build, {what}"),
                "no more than its rounds",
            );
        }
        println!(
            "adopt took {} rounds to the answer; each is a build, a look, a start",
            report.rounds.len()
        );
        Ok(())
    }

    fn empty(&self, cold: bool) -> anyhow::Result<()> {
        match cold {
            true => self.cli.prune(),
            false => Ok(()),
        }
    }

    async fn adopted(&self, tree: &Path) -> anyhow::Result<(Duration, Report)> {
        let log: Arc<RunLog> = Arc::default();
        let request = Request {
            path: tree.to_owned(),
            main: None,
        };
        let since = Instant::now();
        let report = adopt(&self.state, &request, &log, &CancellationToken::new()).await;
        let report = report.map_err(|error| anyhow::anyhow!("{error}"))?;
        anyhow::ensure!(report.outcome == Outcome::Answers, "the fixture answers");
        Ok((since.elapsed(), report))
    }

    fn prepare_ko(&self, go: &str, folder: &Path) -> anyhow::Result<()> {
        let at = folder.join("with-ko");
        fs::create_dir(&at)?;
        let dockerfile = format!(
            "FROM {go}\nENV GOTOOLCHAIN=local\nRUN go install github.com/google/ko@v0.19.1 && \\\n  \
             go install github.com/google/go-containerregistry/cmd/crane@v0.22.1 && \\\n  \
             rm -rf /root/.cache/go-build\n"
        );
        fs::write(
            at.join("Dockerfile"),
            substitute_bases(&dockerfile, &self.substitutes),
        )?;
        self.cli.build(&at, KO).map(drop)
    }
}

/// ko wants its base out of a registry: an empty one in the same step.
fn ko_build(package: &str, round: &str) -> String {
    format!(
        "FROM {KO}\nCOPY . /src\nWORKDIR /src\n\
         RUN --mount=type=cache,target=/root/.cache/go-build : {round}; \\\n  \
         (crane registry serve --address 127.0.0.1:1338 & ) && \\\n  \
         until crane catalog 127.0.0.1:1338 >/dev/null 2>&1; do sleep 0.05; done && \\\n  \
         tar -cf /none.tar -T /dev/null && \\\n  \
         crane append --oci-empty-base -f /none.tar -t 127.0.0.1:1338/empty >/dev/null && \\\n  \
         KO_DEFAULTBASEIMAGE=127.0.0.1:1338/empty ko build --push=false --sbom=none \\\n    \
         --platform=linux/amd64 --oci-layout-path=/out {package}\n"
    )
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/adopt")
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}
