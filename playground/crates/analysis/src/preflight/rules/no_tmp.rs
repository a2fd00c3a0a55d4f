//! Temporary files are made, and their directory is not in the image.
//!
//! Source: `os.TempDir` in Go: `$TMPDIR`, else `/tmp`. Nothing makes it.

use super::prelude::*;
use crate::preflight::temporary_files::directory;

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
    let mut temporary = directory(image, go)?;
    let directory = &temporary.directory;
    if image.tree.lookup(directory).is_ok() || image.volume_at(directory) {
        return None;
    }
    let lacks = format!("the image has no {directory}");
    temporary.evidence.push(lacks.clone());
    let lacks = format!("{lacks}: no such file or directory.");
    Some(temporary.told(&go.path, &lacks))
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
        let makes = [(Ability::TemporaryFiles, "os.CreateTemp", "")];
        assert_eq!(go_with(&[TEMPORARY], &[]), ["advice: no-tmp"]);
        assert_eq!(go_does(json!({}), &makes, &[TEMPORARY], &[]), none);
        assert_eq!(go_env(&["TMPDIR=/scratch"], &[TEMPORARY], &tmp), none);
        assert_eq!(go_with(&[TEMPORARY], &tmp), NOTHING);
        let named = |path| [(Ability::WriteFiles, "os.WriteFile", path)];
        assert_eq!(go_does(json!({}), &named("/tmp/lock"), &[], &[]), none);
        assert_eq!(go_does(json!({}), &named("/tmp/lock"), &[], &tmp), NOTHING);
        let set = json!({ "Env": ["TMPDIR=/tmp"] });
        assert_eq!(go_does(set, &named("/lock"), &[], &[]), NOTHING);
        // Every engine mounts this one.
        assert_eq!(go_env(&["TMPDIR=/dev/shm"], &[TEMPORARY], &[]), NOTHING);
        // And makes a volume's directory.
        let volume = json!({ "Volumes": { "/tmp": {} } });
        assert_eq!(go(volume, "0", &[TEMPORARY], &[]), NOTHING);
    }
}
