//! Temporary files are made, and their directory is not in the image.
//!
//! Source: `os.TempDir` in Go: `$TMPDIR`, else `/tmp`. Nothing makes it.

use super::prelude::*;
use crate::preflight::temporary_files::{FIX, WHEN, directory};

pub(super) static RULE: Rule = Rule {
    order: 180,
    id: "no-tmp",
    title: "Temporary files without /tmp",
    page: Some("museum/no-tmp.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let image = &context.image;
    let (directory, mut evidence) = directory(image, go)?;
    if image.tree.lookup(&directory).is_ok() || image.volume_at(&directory) {
        return None;
    }
    evidence.push(format!("the image has no {directory}"));
    let what = format!(
        "{} can make temporary files, and the image has no {directory}: no such file or directory.",
        go.path
    );
    Some(Explanation::will_fail(WHEN, what, evidence, FIX))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    const TEMPORARY: Can = (Ability::TemporaryFiles, "os.CreateTemp");

    #[test]
    fn temporary_files_need_a_directory() {
        let none = ["will fail: no-tmp"];
        let tmp = [Make::DirMode("tmp", 0o755)];
        assert_eq!(go_with(&[TEMPORARY], &[]), none);
        assert_eq!(go_env(&["TMPDIR=/scratch"], &[TEMPORARY], &tmp), none);
        assert_eq!(go_with(&[TEMPORARY], &tmp), NOTHING);
        // Every engine mounts this one.
        assert_eq!(go_env(&["TMPDIR=/dev/shm"], &[TEMPORARY], &[]), NOTHING);
        // And makes a volume's directory.
        let volume = json!({ "Volumes": { "/tmp": {} } });
        assert_eq!(go(volume, "0", &[TEMPORARY], &[]), NOTHING);
    }
}
