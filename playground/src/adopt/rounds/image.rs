//! A plan as an image on the engine, and what its bytes say.

use super::Rounds;
use crate::adopt::dockerfile::{copied_from, dockerfile, dockerignore};
use crate::adopt::plan::{Linkage, Plan};
use crate::adopt::report::Weight;
use crate::adopt::tree::WorkingTree;
use crate::bases::modules::Carried;
use crate::event::Event;
use crate::run::{Build, Evidence, Pace, Probing, prepare};
use analysis::image::Compressed;
use analysis::inspect::Inspection;
use analysis::preflight::{Finding, TargetPlatform, preflight};
use analysis::subject::{Subject, SubjectKind, SubjectName};
use catalog::Ignore;
use engine::{BuildNetwork, SMALL, Transfer, unreadable};
use policy::UserError;
use std::slice;
use std::time::Instant;

/// Where the tree lies in what the builder is sent: in a folder of this name.
const APART: &str = "tree";

/// How the tree lies in what the builder is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Laid {
    /// Apart from the Dockerfile, so that `COPY . .` brings the same whatever a round changes in that,
    /// and what is compiled stays compiled.
    Apart,
    /// As the files say it, word for word.
    AsWritten,
}

/// Bytes of an image that are read.
const MAX_IMAGE: u64 = 2 << 30;

/// A Dockerfile with what is sent beside it.
pub(in crate::adopt) struct Text<'a> {
    /// Names its steps and its image.
    pub(in crate::adopt) name: &'a str,
    pub(in crate::adopt) dockerfile: &'a str,
    /// The text of the ignore file that counts.
    pub(in crate::adopt) ignore: &'a str,
    pub(in crate::adopt) tree: &'a WorkingTree,
    /// Whether every step is to be carried out anew.
    pub(in crate::adopt) no_cache: bool,
}

/// Why there is no image.
pub(in crate::adopt) enum Unbuilt {
    /// What the builder said.
    Said(String),
    /// It took too long, and was stopped.
    InTime,
}

/// An image that was built and read.
pub(in crate::adopt) struct Built {
    pub(in crate::adopt) image: String,
    pub(in crate::adopt) inspection: Inspection,
    pub(in crate::adopt) findings: Vec<Finding>,
}

impl Built {
    /// What it weighs.
    pub(in crate::adopt) fn weight(&self) -> Weight {
        let layers = self.inspection.image.layers.iter();
        Weight {
            unpacked: layers.map(|layer| layer.unpacked_bytes).sum(),
            compressed: self.compressed().unwrap_or_default(),
        }
    }

    /// What it weighs as blobs, in bytes, where that was measured.
    pub(in crate::adopt) fn compressed(&self) -> Option<u64> {
        let layers = self.inspection.image.layers.iter();
        layers.map(|layer| layer.compressed_bytes).sum()
    }

    /// What reports call it.
    pub(in crate::adopt) fn subject(&self, name: &str) -> Subject {
        let name = SubjectName {
            kind: SubjectKind::Image,
            name: name.to_owned(),
        };
        Subject::of_image(name, &self.inspection.image)
    }
}

impl Rounds<'_> {
    /// Builds, and reads what was built; the inner error is why there is nothing.
    pub(super) async fn build(
        &self,
        plan: &Plan,
        n: usize,
        network: BuildNetwork,
        laid: Laid,
    ) -> Result<Result<Built, Unbuilt>, UserError> {
        let text = dockerfile(plan);
        let ignored = dockerignore(self.tree, plan);
        let ignore = Ignore::parse(&ignored).unwrap_or_default();
        let prepared = prepare(&self.site, slice::from_ref(&text), Probing::Asked).await?;
        let held_back =
            |path: &str| ignore.holds_back(path) || path == "Dockerfile" || path == ".dockerignore";
        let context = |sent: &str| match laid {
            Laid::Apart => {
                let sent = copied_from(sent, APART);
                let over = [("Dockerfile", sent.as_str())];
                self.tree.to_tar_in(APART, &over, &held_back)
            }
            Laid::AsWritten => {
                let over = [("Dockerfile", sent), (".dockerignore", ignored.as_str())];
                self.tree.to_tar(&over, &held_back)
            }
        };
        let tag = self.tag(&format!("r{n}"));
        let build = Build {
            dockerfile: text,
            context: &context,
            tag: &tag,
            prefix: &format!("r{n}"),
            cache_namespace: Some(self.caches.to_owned()),
            carried: Carried::default(),
            no_cache: false,
            // A C compiler is a package that has to come from somewhere.
            network: match plan.linkage {
                Linkage::Musl => BuildNetwork::Engines,
                _ => network,
            },
            pace: Pace::Unknown,
        };
        let image = match build.carry_out(&self.site, &prepared).await? {
            Ok(image) => image,
            Err(Evidence { too_long: true, .. }) => return Ok(Err(Unbuilt::InTime)),
            Err(evidence) => return Ok(Err(Unbuilt::Said(evidence.builder))),
        };
        Ok(Ok(self.read(image, Compressed::AsStored).await?))
    }

    /// Builds another Dockerfile than the plan's over the tree, told as the steps of `name`; how long
    /// that took, in milliseconds, goes with what came of it.
    ///
    /// # Errors
    /// The engine cannot build.
    pub(in crate::adopt) async fn build_text(
        &self,
        text: &Text<'_>,
    ) -> Result<(u64, Result<String, String>), UserError> {
        let dockerfile = text.dockerfile.to_owned();
        let prepared = prepare(&self.site, slice::from_ref(&dockerfile), Probing::Asked).await?;
        let ignore = Ignore::parse(text.ignore).unwrap_or_default();
        let context = |sent: &str| {
            let over = [("Dockerfile", sent), (".dockerignore", text.ignore)];
            text.tree.to_tar(&over, &|path| ignore.holds_back(path))
        };
        let tag = self.tag(text.name);
        let build = Build {
            dockerfile,
            context: &context,
            tag: &tag,
            prefix: text.name,
            cache_namespace: Some(self.caches.to_owned()),
            carried: Carried::default(),
            no_cache: text.no_cache,
            network: BuildNetwork::Engines,
            pace: Pace::Unknown,
        };
        let since = Instant::now();
        let built = build.carry_out(&self.site, &prepared).await?;
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok((ms, built.map_err(|evidence| evidence.builder)))
    }

    /// What an image of this adoption is called on the engine.
    pub(in crate::adopt) fn tag(&self, name: &str) -> String {
        engine::run_tag(&self.site.state.owner, &format!("{}.{name}", self.id))
    }

    /// Reads an image; how small it packs, only where that takes no minutes.
    ///
    /// # Errors
    /// The engine does not send it, or it cannot be read.
    pub(in crate::adopt) async fn read_any(&self, image: String) -> Result<Built, UserError> {
        let facts = self.site.engine.image(&image).await.ok().flatten();
        let small = facts.is_some_and(|facts| facts.size_bytes < SMALL);
        let compressed = match small {
            true => Compressed::Measured,
            false => Compressed::AsStored,
        };
        self.read(image, compressed).await
    }

    pub(in crate::adopt) async fn read(
        &self,
        image: String,
        compressed: Compressed,
    ) -> Result<Built, UserError> {
        let transfer = Transfer::quiet(MAX_IMAGE);
        let inspected = self
            .site
            .engine
            .inspect_image(&image, None, compressed, transfer);
        let inspection = inspected
            .await
            .map_err(|error| error.user_error("the new image"))?;
        let facts = self.site.engine.facts();
        let target = TargetPlatform {
            cpu: Some(facts.arch.clone()).filter(|cpu| !cpu.is_empty()),
            emulates: facts.surely_emulates(),
            executes_with_rights: facts.executes_with_rights,
        };
        let findings = preflight(&inspection, &target);
        let findings = findings.map_err(|error| unreadable("the new image", &error))?;
        Ok(Built {
            image,
            inspection,
            findings,
        })
    }

    /// The image as the files say it in the end, weighed. What is known of the one before stays known
    /// where the engine fails now.
    pub(super) async fn final_image(
        &self,
        plan: &Plan,
        n: usize,
        network: BuildNetwork,
        last: Option<Built>,
    ) -> Option<Built> {
        let weighed = async {
            match self.build(plan, n + 1, network, Laid::AsWritten).await? {
                Ok(built) => Ok(Some(self.read(built.image, Compressed::Measured).await?)),
                Err(_) => Ok::<_, UserError>(None),
            }
        };
        let weighed = weighed.await;
        if let Err(error) = &weighed {
            self.site.log.push(Event::notice(format!(
                "The image with its ports named could not be made: {} What is told is of the one before.",
                error.what
            )));
        }
        weighed.ok().flatten().or(last)
    }
}
