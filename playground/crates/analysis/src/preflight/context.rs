//! What rules see: the image, what it starts, and where it is to run.

use super::go_binary::{self, GoBinary};
use super::start::{FailedStart, failed_starts};
use super::{Explanation, TargetPlatform};
use crate::entrypoint::{Entrypoint, ImageContext, Role};
use crate::image::tree::NodeId;
use std::collections::BTreeSet;

/// An image and where it is to run, with what several rules ask for.
pub(super) struct RuleContext<'a> {
    pub(super) image: ImageContext<'a>,
    pub(super) entrypoint: Entrypoint,
    /// The files that would be executed: programs, scripts and their interpreters.
    pub(super) started_files: BTreeSet<NodeId>,
    /// The starts that fail, in the order in which they are come to.
    pub(super) failed_starts: Vec<FailedStart<'a>>,
    /// The Go programs among the started files.
    pub(super) go_binaries: Vec<GoBinary<'a>>,
}

impl<'a> RuleContext<'a> {
    pub(super) fn of(image: ImageContext<'a>, target: &TargetPlatform) -> RuleContext<'a> {
        let entrypoint = Entrypoint::of_image(&image);
        // What a mount hides is not what starts.
        let mut started_files = entrypoint.files();
        started_files.retain(|id| image.hidden_by(&image.tree.path(*id)).is_none());
        RuleContext {
            failed_starts: failed_starts(&image, &entrypoint, target),
            go_binaries: go_binary::among(&image, &started_files),
            started_files,
            entrypoint,
            image,
        }
    }

    /// The starts for this that fail.
    pub(super) fn failed(&self, role: Role) -> impl Iterator<Item = &FailedStart<'a>> {
        let failed = self.failed_starts.iter();
        failed.filter(move |failed| failed.start.role == role)
    }
    /// What this has to say of the starts for a role that fail.
    pub(super) fn explained(
        &self,
        role: Role,
        explain: impl Fn(&RuleContext<'a>, &FailedStart<'a>) -> Option<Explanation>,
    ) -> Vec<Explanation> {
        let told =
            |failed: &FailedStart<'a>| Some(failed.finish(&self.image, explain(self, failed)?));
        self.failed(role).filter_map(told).collect()
    }
}
