//! From click to verdict, for every failure mode that fails by itself, its image cached.
//!
//! Ours is the whole run: context, build, weighing, container, verdict, clean-up; as a page's
//! second click has it, where the image has stayed, and as the first click of a launch has it,
//! where the builder's cache has all steps. The CLI's is `docker build` and `docker run --rm` of
//! the same context, which must end as declared, too.

use super::outcome::Ended;
use super::pairs::Pairs;
use super::{Bench, as_declared};
use anyhow::Context;
use catalog::{Kind, Outcome, Role, RunSettings};
use playground::event::{Event, StepStatus};
use playground::run::Runs;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

impl Bench {
    pub(crate) async fn failures(&self) -> anyhow::Result<()> {
        let labs = self.state.catalog.labs.iter();
        let mut names = Vec::new();
        // Words that name labs leave out the others.
        let asked: Vec<String> = std::env::args().collect();
        let is_asked = |lab: &str| asked.iter().any(|word| word == lab);
        let any = self.state.catalog.labs.iter().any(|lab| is_asked(&lab.id));
        let labs = labs.filter(|lab| !any || is_asked(&lab.id));
        // A peer would have to be started for the CLI by hand: not the same steps.
        for lab in labs.filter(|lab| lab.kind == Kind::Failure && lab.peers.is_empty()) {
            let immediate = lab.variants.iter().filter(|variant| {
                variant.role == Role::Broken && variant.expect.outcome != Outcome::Serves
            });
            names.extend(immediate.map(|variant| (lab.id.clone(), variant.id.clone())));
        }
        let (mut all, mut all_cached) = (Pairs::default(), Pairs::default());
        let mut unbuilt = Pairs::default();
        let (mut taken, mut clicks) = (0, 0);
        let mut slowest = (Duration::ZERO, String::new());
        for (lab, variant) in &names {
            let name = format!("{lab}/{variant}");
            let (_, _, folder) = self.context(&name, "")?;
            let declared = self.declared(self.state.catalog.lab_variant(lab, variant)?.1);
            let options = options(&declared.run);
            let theirs = || -> anyhow::Result<Duration> {
                let (time, ended) = self.cli_to_the_end(folder.path(), &options)?;
                let told = || format!("{name}: the docker CLI did other work: {}", ended.said);
                ended.must_be(&declared).with_context(told)?;
                Ok(time)
            };
            let again = Runs::keeping_images(self.state.clone());
            let first = Runs::new(self.state.clone());
            self.ours_to_verdict(&again, lab, variant).await?;
            theirs()?;
            let (mut pairs, mut cached) = (Pairs::default(), Pairs::default());
            let has_image = declared.expect.outcome != Outcome::BuildFails;
            for _ in 0..ROUNDS {
                let (ours, stayed) = self.ours_to_verdict(&again, lab, variant).await?;
                let cli = theirs()?;
                pairs.push(ours, cli);
                if !has_image {
                    unbuilt.push(ours, cli);
                    continue;
                }
                let (builds, _) = self.ours_to_verdict(&first, lab, variant).await?;
                all.push(ours, cli);
                cached.push(builds, cli);
                all_cached.push(builds, cli);
                clicks += 1;
                taken += usize::from(stayed);
            }
            again.close().await;
            first.close().await;
            pairs.print(&format!("click to verdict, {name}"), "≤ 0.7");
            cached.print("  with a cached build", "none");
            if pairs.ours() > slowest.0 {
                slowest = (pairs.ours(), name);
            }
        }
        all.print("click to verdict, all that have an image", "≤ 0.7");
        all_cached.print("  with a cached build", "none");
        println!("  the image had stayed at {taken} of {clicks} clicks");
        unbuilt.print("click to verdict, all whose build fails", "none");
        let (time, name) = slowest;
        println!("slowest (median): {name}, {:.3} s", time.as_secs_f64());
        Ok(())
    }

    /// Until the verdict; whether the image had stayed.
    async fn ours_to_verdict(
        &self,
        runs: &Runs,
        lab: &str,
        variant: &str,
    ) -> anyhow::Result<(Duration, bool)> {
        let since = Instant::now();
        let run = runs.start(lab, variant, BTreeMap::new())?;
        as_declared(&run).await?;
        let time = since.elapsed();
        // The sending of the context is no step that a cache could have.
        let stayed = run.log.latest(|event| match event {
            Event::StepFinished(end) if end.step == "b00" => Some(end.status == StepStatus::Cached),
            _ => None,
        });
        Ok((time, stayed == Some(true)))
    }

    fn cli_to_the_end(
        &self,
        folder: &Path,
        options: &[String],
    ) -> anyhow::Result<(Duration, Ended)> {
        let since = Instant::now();
        let build = self.cli.try_build(folder, "empty-room/bench:cli")?;
        let mut ended = Ended {
            built: build.succeeded,
            code: None,
            said: build.said,
        };
        // A build that fails is some labs' point.
        if ended.built {
            let (code, said) = self.cli.run("empty-room/bench:cli", options)?;
            ended.code = code;
            ended.said.push_str(&said);
        }
        Ok((since.elapsed(), ended))
    }
}

/// The lab's settings, as the CLI spells them.
fn options(run: &RunSettings) -> Vec<String> {
    let mut options = Vec::new();
    if run.read_only {
        options.push("--read-only".to_owned());
    }
    let pair = |name: &str, value: String| [name.to_owned(), value];
    options.extend(
        run.tmpfs
            .iter()
            .flat_map(|path| pair("--tmpfs", path.clone())),
    );
    options.extend(
        run.volumes
            .iter()
            .flat_map(|path| pair("--volume", path.clone())),
    );
    let env = run.env.iter();
    options.extend(env.flat_map(|(name, value)| pair("--env", format!("{name}={value}"))));
    let memory = run.memory_mib.unwrap_or(256);
    options.extend(pair("--memory", format!("{memory}m")));
    options.extend(run.unprivileged_port_start.into_iter().flat_map(|port| {
        pair(
            "--sysctl",
            format!("net.ipv4.ip_unprivileged_port_start={port}"),
        )
    }));
    options
}
