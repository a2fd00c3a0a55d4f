//! A shell is in the image.
//!
//! Source: executable files with a shell's name in the usual places, links followed.

use super::prelude::*;
use crate::image::notable::shells;

pub(super) static RULE: Rule = Rule {
    order: 330,
    id: "shell",
    title: "A shell is in the image",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let shells = shells(context.image.tree);
    let used = |id| context.started_files.contains(id);
    let what = match shells.iter().any(|shell| used(&shell.id)) {
        true => "Shells are in the image, and its own command needs one: so can whoever breaks in.",
        false => {
            "Shells are in the image, and its command needs none: only whoever breaks in would."
        }
    };
    let paths = shells.into_iter().map(|shell| shell.path).collect();
    Some(Explanation::new(
        what,
        named(paths)?,
        "end on scratch or distroless; docker debug and kubectl debug bring a shell when you need \
         one",
    ))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};
    use serde_json::json;

    #[test]
    fn a_shell_is_told_and_whether_the_command_needs_it() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("bin/bash", 0o755, &elf),
        ];
        assert_eq!(found(&app(), &files), ["advice: shell"]);
        let used = json!({ "Cmd": ["/bin/bash", "-c", "exec /app"] });
        for (config, says) in [(app(), "needs none"), (used, "needs one")] {
            let found = preflight(&image(&config, &files), &TargetPlatform::default());
            let found = found.expect("a tree");
            let shell = found.iter().find(|finding| finding.rule == &RULE);
            assert!(shell.is_some_and(|it| it.what.contains(says)), "{found:?}");
        }
    }
}
