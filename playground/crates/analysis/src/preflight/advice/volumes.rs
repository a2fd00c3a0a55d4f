//! Volumes, and who may write to them.

use crate::entrypoint::ImageContext;
use crate::entrypoint::Right;
use crate::preflight::finding::{Finding, Severity};
use crate::preflight::rule::Rule;

/// A new volume gets its owner from the image's directory; without one, it is root's.
pub(super) fn find(context: &ImageContext<'_>) -> Vec<Finding> {
    let Some(who) = context.identity.as_ref().filter(|who| who.uid != 0) else {
        return Vec::new();
    };
    let uid = who.uid;
    let one = |volume: &String| {
        let found = context.tree.lookup(volume).ok();
        let why = match found {
            Some(id) => {
                let node = context.tree.node(id);
                let writes = who.may(context.tree, id, Right::Write);
                if !node.is_directory() || writes && who.may(context.tree, id, Right::Execute) {
                    return None;
                }
                let (owner, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
                format!("mode {:04o}, owner {owner}:{gid} of {volume}", node.mode())
            }
            None => format!("the image has no {volume}"),
        };
        Some(Finding {
            rule: Rule::VolumeNotWritable,
            severity: Severity::WillFail,
            what: format!(
                "{volume} is a volume, and a new one takes its owner from the image: uid {uid} \
                 may not write to it."
            ),
            when: Some(format!("writes to {volume}")),
            evidence: vec![format!("VOLUME {volume}"), why, format!("uid {uid}")],
            fix: format!(
                "RUN mkdir -p /room{volume} in the builder, then COPY --from=build --chown={uid} /room/ /"
            ),
            location: found.map(|id| context.location(id)),
        })
    };
    context.runtime.volumes.iter().filter_map(one).collect()
}
