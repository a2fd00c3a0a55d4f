//! Temporary files are made in a directory that the image's user may not write to, or nobody: a
//! manifest makes the root file system read-only, and mounts nothing there.
//!
//! Source: `os.TempDir` in Go; the engine makes a volume's directory with mode 0755, for root.

use super::prelude::*;
use crate::manifest::MountKind;
use crate::preflight::temporary_files::directory;

pub(super) static RULE: Rule = Rule {
    order: 190,
    id: "tmp-not-writable",
    title: "/tmp is not writable for the user",
    page: Some("museum/no-tmp.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let mut temporary = directory(image, go)?;
    let directory = temporary.directory.clone();
    // What else a manifest mounts there everybody may write to, or it cannot be told.
    if let Some(mount) = image.mount_at(&directory) {
        let writable = !mount.read_only;
        if writable && mount.kind != MountKind::Filled {
            return None;
        }
        if !writable {
            let said = format!("what is mounted at {} is read-only", mount.path);
            temporary.evidence.push(said.clone());
            return Some(temporary.told(&go.path, &format!("{said}: read-only file system.")));
        }
    }
    let locked = image.container.is_some_and(|container| container.read_only);
    if locked && image.tree.lookup(&directory).is_ok() && !image.volume_at(&directory) {
        let said = "the container's root file system is read-only";
        temporary.evidence.push(said.to_owned());
        temporary
            .evidence
            .push(format!("nothing is mounted at {directory}"));
        let lacks = format!("{said}, with nothing mounted at {directory}: read-only file system.");
        return Some(temporary.told(&go.path, &lacks));
    }
    let user = image.identity.as_ref()?;
    let Ok(id) = image.tree.lookup(&directory) else {
        if user.uid == 0 || !image.volume_at(&directory) {
            return None;
        }
        let evidence = format!("the image has no {directory}");
        temporary.evidence.push(evidence);
        let lacks = format!(
            "{directory} is a volume whose directory is not in the image: Docker makes it root's."
        );
        return Some(temporary.told(&go.path, &lacks));
    };
    let node = image.tree.node(id);
    let stopped = user.stopped_at(image.tree, &directory);
    let may = |right| user.may(image.tree, id, right);
    if node.is_directory() && stopped.is_none() && may(Right::Write) && may(Right::Execute) {
        return None;
    }
    let (uid, gid) = node.owner();
    let evidence = &mut temporary.evidence;
    evidence.push(format!(
        "{directory} has mode {:04o} and belongs to {uid}:{gid}",
        node.mode()
    ));
    evidence.push(format!("the image's user is {}", user.uid));
    let lacks = format!(
        "uid {} may not write to {directory}: permission denied.",
        user.uid
    );
    Some(temporary.told(&go.path, &lacks))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    const TEMPORARY: Can = (Ability::TemporaryFiles, "os.CreateTemp");

    #[test]
    fn temporary_files_need_a_directory_that_the_user_may_write_to() {
        let shut = "will fail: tmp-not-writable";
        let asked = "advice: tmp-not-writable";
        let tmp = |mode| [Make::DirMode("tmp", mode)];
        assert_eq!(go_with(&[TEMPORARY], &tmp(0o755)), NOTHING);
        let makes = [(Ability::TemporaryFiles, "os.CreateTemp", "")];
        let seven = json!({ "User": "7" });
        let certain = go_does(seven, &makes, &[TEMPORARY], &tmp(0o755));
        assert_eq!(go_as("7", &[TEMPORARY], &tmp(0o755)), [asked]);
        assert_eq!(certain, [shut]);
        assert_eq!(go_as("7", &[TEMPORARY], &tmp(0o1777)), NOTHING);
        let own = [Make::DirOwned("scratch", 0o700, (7, 7))];
        let config = |user: &str| json!({ "User": user, "Env": ["TMPDIR=/scratch"] });
        assert_eq!(go(config("7"), "0", &[TEMPORARY], &own), NOTHING);
        assert_eq!(go(config("8"), "0", &[TEMPORARY], &own), [shut]);
        let volume = |user: &str| json!({ "User": user, "Volumes": { "/tmp": {} } });
        assert_eq!(go(volume(""), "0", &[TEMPORARY], &[]), NOTHING);
        assert_eq!(
            go(volume("7"), "0", &[TEMPORARY], &[]),
            [asked, "advice: volume-not-writable"]
        );
    }
}
