//! A manifest mounts something over the program that the image has there.
//!
//! Source: mount(2): what lies below a mount point is not seen. A tmpfs and an emptyDir begin empty;
//! Docker fills a new volume with what the image has, and never again.

use super::prelude::*;
use crate::entrypoint::{Certainty, Start};
use crate::manifest::{Mount, MountKind};

pub(super) static RULE: Rule = Rule {
    order: 22,
    id: "hidden-by-mount",
    title: "A mount lies over the program",
    page: None,
    severity: Severity::WillNotStart,
    checks: &[Check::Each(check)],
};

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let starts = context.entrypoint.of(Role::Command);
    starts.filter_map(|start| one(context, start)).collect()
}

fn one(context: &RuleContext<'_>, start: &Start) -> Option<Explanation> {
    let image = &context.image;
    let id = start.file.clone().ok()?;
    let path = image.tree.path(id);
    let mount = image.mount_at(&path)?;
    let at = &mount.path;
    let (what, severity) = match lies_there(mount) {
        Lies::Nothing => (
            format!(
                "{path} is to be started, and the manifest mounts something empty at {at}: no such \
                 file or directory."
            ),
            match start.certainty {
                Certainty::Required => Severity::WillNotStart,
                _ => Severity::Advice,
            },
        ),
        Lies::Copy => (
            format!(
                "{path} is to be started, and a volume is mounted at {at}. Docker fills it from the \
                 image once, when it is new: after that, a new image brings no new {path}. Is that \
                 meant?"
            ),
            Severity::Advice,
        ),
        Lies::Unknown => (
            format!(
                "{path} is to be started, and the manifest mounts something at {at}: what starts lies \
                 there, and this image does not tell what it is. Is that meant?"
            ),
            Severity::Advice,
        ),
    };
    let evidence = vec![format!("mounted at {at}"), format!("the image has {path}")];
    let fix =
        format!("mount it elsewhere, or put the program where nothing is mounted: not below {at}");
    let told = Explanation::new(what, evidence, fix).at(image.location(id));
    Some(Explanation {
        severity: Some(severity),
        ..told
    })
}

enum Lies {
    Nothing,
    Copy,
    Unknown,
}

fn lies_there(mount: &Mount) -> Lies {
    match mount.kind {
        MountKind::Tmpfs | MountKind::Empty { shared: false } => Lies::Nothing,
        MountKind::Filled => Lies::Copy,
        _ => Lies::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;

    #[test]
    fn a_mount_over_the_program_is_judged_by_what_lies_in_it() {
        let elf = elf();
        let files = [Make::Mode("srv/app", 0o755, &elf)];
        let inspection = image(&serde_json::json!({ "Cmd": ["/srv/app"] }), &files);
        let run = |mounts: &str| {
            let compose = format!("services:\n  a:\n    {mounts}\n");
            said_as(&inspection, &compose)
        };
        let advice = ["advice: hidden-by-mount"];
        assert_eq!(run("tmpfs: /srv"), ["will not start: hidden-by-mount"]);
        assert_eq!(run("volumes: [data:/srv]"), advice);
        assert_eq!(run("volumes: ['.:/srv']"), advice);
        assert_eq!(run("volumes: ['./app:/srv/app:ro']"), advice);
        assert_eq!(run("volumes: ['.:/srv/data', 'x:/sr']"), NOTHING);
    }
}
