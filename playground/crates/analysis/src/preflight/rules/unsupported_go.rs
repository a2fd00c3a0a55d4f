//! It was built by a Go that its authors do not mend any more.
//!
//! Source: the Go version in the build info, and Go's release policy: the two newest releases are
//! supported. Says nothing of versions that it does not know.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 275,
    id: "unsupported-go",
    title: "Built by a Go that is not supported any more",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::File(check)],
};

/// 27 of Go 1.27: the newest release there is. That a newer one came out makes this rule say less,
/// never anything wrong.
const NEWEST: u32 = 27;
/// Releases that are mended at a time.
const SUPPORTED: u32 = 2;

fn check(context: &RuleContext<'_>, id: NodeId) -> Option<Explanation> {
    let image = &context.image;
    let build = image.program(id)?.build()?;
    if build.minor()? + SUPPORTED > NEWEST {
        return None;
    }
    let (path, version) = (image.tree.path(id), &build.go_version);
    Some(Explanation::new(
        format!(
            "{path} was built by {version}. Go's authors mend the two newest releases, which are Go \
             1.{NEWEST} and 1.{} or newer: holes found since in its runtime and standard library stay \
             open in this program.",
            NEWEST - 1
        ),
        vec![format!("build info of {path}: {version}")],
        format!("build it anew, FROM golang:1.{NEWEST} or newer"),
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    #[test]
    fn the_two_newest_releases_are_supported() {
        let elf = elf();
        for (version, told) in [
            ("go1.27.3", false),
            ("go1.26.0", false),
            ("go1.25.9", true),
            ("go1.9", true),
            ("go1.28", false),
            ("devel go1.28-abc", false),
            ("go2", false),
        ] {
            let mut inspection = image(&app(), &[Make::Mode("app", 0o755, &elf)]);
            make_go(&mut inspection, "/app", "0", &[]);
            build_at(&mut inspection, "/app").go_version = version.into();
            let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
            let said = found
                .iter()
                .any(|finding| finding.rule.id == "unsupported-go");
            assert_eq!(said, told, "{version}");
        }
    }
}
