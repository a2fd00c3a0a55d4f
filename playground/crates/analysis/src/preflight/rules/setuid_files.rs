//! Files run with the rights of their owner or group, whoever calls them.
//!
//! Source: the modes' set-user-id and set-group-id bits.

use super::prelude::*;
use crate::image::notable::setuid_files;

pub(super) static RULE: Rule = Rule {
    order: 350,
    id: "setuid-files",
    title: "Files run with their owner's rights",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let tree = context.image.tree;
    let files = setuid_files(tree);
    let run = match files.len() {
        1 => "file runs",
        _ => "files run",
    };
    let paths = files.iter().map(|id| {
        let mode = tree.node(*id).mode();
        format!("{} (mode {mode:04o})", tree.path(*id))
    });
    Some(Explanation::new(
        format!(
            "{} {run} with the rights of their owner or group, whoever calls them.",
            files.len()
        ),
        named(paths.collect())?,
        "run with no-new-privileges, or leave them out: a base without them, or chmod a-s",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    #[test]
    fn files_that_run_as_root_are_told_with_their_mode() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("usr/bin/su", 0o4755, &elf),
        ];
        assert_eq!(found(&app(), &files), ["advice: setuid-files"]);
        let found = preflight(&image(&app(), &files), &TargetPlatform::default());
        let evidence = &found.expect("a tree")[1].evidence;
        assert_eq!(evidence[..], ["/usr/bin/su (mode 4755)"]);
    }
}
