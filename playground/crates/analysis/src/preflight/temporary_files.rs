//! Where a Go program makes temporary files (`os.TempDir`), for the rules about it.

use super::Explanation;
use super::go_binary::GoBinary;
use crate::binary::called::{MAKE_ALL, Use};
use crate::binary::linked::Ability;
use crate::entrypoint::ImageContext;

const WHEN: &str = "makes a temporary file, be it for an upload that is too large for memory";
const FIX: &str = "RUN mkdir -m 1777 -p /room/tmp in the builder, COPY --from=build \
                              /room/ / behind FROM; or mount a tmpfs (an emptyDir) there at run time";

/// A directory of temporary files, and what says that it is used.
pub(super) struct Temporary {
    pub(super) directory: String,
    pub(super) evidence: Vec<String>,
    /// The program's own code makes them there, or the image names the directory.
    sure: bool,
}

impl Temporary {
    /// What happens because of what `lacks` says, which ends in the error.
    pub(super) fn told(self, path: &str, lacks: &str) -> Explanation {
        match self.sure {
            true => {
                let what = format!("{path} makes temporary files, and {lacks}");
                Explanation::will_fail(WHEN, what, self.evidence, FIX)
            }
            false => {
                let what = format!(
                    "{path} can make temporary files, and {lacks} Does it make any without naming \
                     another directory, be it for an upload that is too large for memory?"
                );
                Explanation::asks(what, self.evidence, FIX)
            }
        }
    }
}

/// Where they are made; `None` where they are not, or where every engine mounts the directory for
/// all to write.
pub(super) fn directory(image: &ImageContext<'_>, go: &GoBinary<'_>) -> Option<Temporary> {
    let mut evidence = go.evidence(Ability::TemporaryFiles).unwrap_or_default();
    let does = go.does(Ability::TemporaryFiles);
    // A file of its own name, right in /tmp, whatever TMPDIR says.
    let named = |one: &&Use| {
        let parent = one.with.rsplit_once('/');
        one.call != MAKE_ALL && parent.is_some_and(|(parent, _)| parent == "/tmp")
    };
    let mut named = go.does(Ability::WriteFiles).into_iter().filter(named);
    if let Some(named) = named.next() {
        return Some(Temporary {
            directory: "/tmp".to_owned(),
            evidence: vec![named.to_string()],
            sure: true,
        });
    }
    if evidence.is_empty() || image.env_unknown("TMPDIR") {
        return None;
    }
    evidence.extend(go.seen(Ability::TemporaryFiles));
    let set = image.env("TMPDIR").filter(|path| !path.is_empty());
    let directory = image.absolute(set.unwrap_or("/tmp"));
    if directory.trim_end_matches('/') == "/dev/shm" {
        return None;
    }
    evidence.extend(set.map(|set| format!("TMPDIR={set}")));
    Some(Temporary {
        directory,
        evidence,
        sure: !does.is_empty() || set.is_some(),
    })
}
