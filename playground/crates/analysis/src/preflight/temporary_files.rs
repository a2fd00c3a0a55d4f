//! Where a Go program makes temporary files (`os.TempDir`), for the rules about it.

use super::go_binary::GoBinary;
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;

pub(super) const WHEN: &str =
    "makes a temporary file, be it for an upload that is too large for memory";
pub(super) const FIX: &str = "RUN mkdir -m 1777 -p /room/tmp in the builder, COPY --from=build \
                              /room/ / behind FROM; or mount a tmpfs there at run time";

/// The directory, and what says that it is used; `None` where it is not, or where every engine
/// mounts it for all to write.
pub(super) fn directory(
    image: &ImageContext<'_>,
    go: &GoBinary<'_>,
) -> Option<(String, Vec<String>)> {
    let mut evidence = go.evidence(Ability::TemporaryFiles)?;
    let set = image.env("TMPDIR").filter(|path| !path.is_empty());
    let directory = image.absolute(set.unwrap_or("/tmp"));
    if directory.trim_end_matches('/') == "/dev/shm" {
        return None;
    }
    evidence.extend(set.map(|set| format!("TMPDIR={set}")));
    Some((directory, evidence))
}
