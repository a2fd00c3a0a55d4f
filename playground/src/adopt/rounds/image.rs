//! A plan as an image on the engine, and what its bytes say.

use super::Rounds;
use crate::adopt::dockerfile::{dockerfile, dockerignore};
use crate::adopt::plan::{Linkage, Plan};
use crate::run::{Build, Probing, prepare};
use analysis::image::Compressed;
use analysis::inspect::Inspection;
use analysis::preflight::{Finding, TargetPlatform, preflight};
use catalog::Ignore;
use engine::{BuildNetwork, Transfer, unreadable};
use policy::UserError;

/// Bytes of an image that are read.
const MAX_IMAGE: u64 = 2 << 30;

/// An image of a round.
pub(super) struct Built {
    pub(super) image: String,
    pub(super) inspection: Inspection,
    pub(super) findings: Vec<Finding>,
}

impl Rounds<'_> {
    /// Builds, and reads what was built; the inner error is what the builder said.
    pub(super) async fn build(
        &self,
        plan: &Plan,
        n: usize,
        network: BuildNetwork,
    ) -> Result<Result<Built, String>, UserError> {
        let text = dockerfile(plan);
        let ignored = dockerignore(self.tree, plan);
        let ignore = Ignore::parse(&ignored).unwrap_or_default();
        let prepared = prepare(&self.site, std::slice::from_ref(&text), Probing::Asked).await?;
        let context = |sent: &str| {
            let over = [("Dockerfile", sent), (".dockerignore", ignored.as_str())];
            self.tree.to_tar(&over, &|path| {
                ignore.holds_back(path) || path == "Dockerfile" || path == ".dockerignore"
            })
        };
        let tag = engine::run_tag(&self.site.state.owner, &format!("{}.r{n}", self.id));
        let build = Build {
            dockerfile: text,
            context: &context,
            tag: &tag,
            prefix: &format!("r{n}"),
            cache_namespace: Some(self.caches.to_owned()),
            modules: None,
            no_cache: false,
            // A C compiler is a package that has to come from somewhere.
            network: match plan.linkage {
                Linkage::Musl => BuildNetwork::Engines,
                _ => network,
            },
        };
        let image = match build.carry_out(&self.site, &prepared).await? {
            Ok(image) => image,
            Err(evidence) => return Ok(Err(evidence.builder)),
        };
        Ok(Ok(self.read(image, Compressed::AsStored).await?))
    }

    pub(super) async fn read(
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

    /// The image as the files say it in the end, weighed.
    pub(super) async fn final_image(
        &self,
        plan: &Plan,
        n: usize,
        network: BuildNetwork,
        last: Option<Built>,
    ) -> Result<Option<Built>, UserError> {
        match self.build(plan, n + 1, network).await? {
            Ok(built) => Ok(Some(self.read(built.image, Compressed::Measured).await?)),
            Err(_) => Ok(last),
        }
    }
}
