//! Temporary files and the place for them: `$TMPDIR`, else `/tmp` (`os.TempDir`).

use super::{Go, Need};
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;
use crate::entrypoint::Right;
use crate::preflight::finding::Severity;
use crate::preflight::rule::Rule;

const WHEN: &str = "makes a temporary file, be it for an upload that is too large for memory";
const FIX: &str = "RUN mkdir -m 1777 -p /room/tmp in the builder, COPY --from=build /room/ / behind \
                   FROM; or mount a tmpfs there at run time";

pub(super) fn check(context: &ImageContext<'_>, go: &Go<'_>) -> Option<Need> {
    if go.cannot(Ability::TemporaryFiles) {
        return None;
    }
    let set = context.env("TMPDIR").filter(|path| !path.is_empty());
    let directory = context.absolute(set.unwrap_or("/tmp"));
    // Every engine mounts this one, for all to write.
    if directory.trim_end_matches('/') == "/dev/shm" {
        return None;
    }
    let path = &go.path;
    let mut evidence = go.evidence(Ability::TemporaryFiles);
    evidence.extend(set.map(|set| format!("TMPDIR={set}")));
    let need = |rule, what, evidence| {
        Some(Need {
            rule,
            severity: Severity::WillFail,
            what,
            when: WHEN,
            evidence,
            fix: FIX.into(),
        })
    };
    let Ok(id) = context.tree.lookup(&directory) else {
        // The engine makes a volume's directory: root's, with mode 0755.
        let root = context.identity.as_ref().is_none_or(|who| who.uid == 0);
        let volume = context.volume_at(&directory);
        if volume && root {
            return None;
        }
        let (rule, what) = match volume {
            true => (
                Rule::TmpNotWritable,
                format!(
                    "{path} can make temporary files in {directory}, a volume whose directory is \
                     not in the image: Docker makes it root's."
                ),
            ),
            false => (
                Rule::NoTmp,
                format!(
                    "{path} can make temporary files, and the image has no {directory}: no such \
                     file or directory."
                ),
            ),
        };
        evidence.push(format!("the image has no {directory}"));
        return need(rule, what, evidence);
    };
    let who = context.identity.as_ref()?;
    let node = context.tree.node(id);
    let stopped = who.stopped_at(context.tree, &directory);
    let may = |right| who.may(context.tree, id, right);
    if node.is_directory() && stopped.is_none() && may(Right::Write) && may(Right::Execute) {
        return None;
    }
    let (uid, gid) = node.entry.map_or((0, 0), |entry| (entry.uid, entry.gid));
    evidence.push(format!(
        "{directory} has mode {:04o} and belongs to {uid}:{gid}",
        node.mode()
    ));
    evidence.push(format!("the image's user is {}", who.uid));
    let what = format!(
        "{path} can make temporary files, and uid {} may not write to {directory}: permission \
         denied.",
        who.uid
    );
    need(Rule::TmpNotWritable, what, evidence)
}
