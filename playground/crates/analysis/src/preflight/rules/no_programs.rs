//! The program starts other programs, and it is the only one in the image.
//!
//! Nearly every large program has `os/exec` in it, for an editor, a pager or a plug-in, so that it is
//! a question, unless the program's own code starts one that is named there.
//!
//! Source: `os.StartProcess` is linked in. A volume on `PATH` may bring programs.

use super::prelude::*;
use crate::binary::{Form, Linkage};
use crate::image::notable::executables;
use crate::inspect::Program;

pub(super) static RULE: Rule = Rule {
    order: 210,
    id: "no-programs",
    title: "It starts other programs, and there are none",
    page: Some("museum/no-shell-exec.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let mut evidence = go.evidence(Ability::StartPrograms)?;
    let image = &context.image;
    let tree = image.tree;
    let others = executables(tree).into_iter();
    let mut others = others.filter(|id| tree.node(*id).id != tree.node(go.id).id);
    let startable = |id| image.program(id).is_some_and(|it| can_start(image, it));
    let mut path = image.search_path().split(':');
    if others.any(startable) || path.any(|directory| image.volume_at(directory)) {
        return None;
    }
    let (path, fix) = (
        &go.path,
        "do it in Go, or COPY what it starts into the image",
    );
    let does = go.does(Ability::StartPrograms);
    let others = "no other file in the image is executable".to_owned();
    let Some(first) = does.first() else {
        evidence.extend(go.seen(Ability::StartPrograms));
        evidence.push(others);
        let what = format!(
            "{path} can start other programs, and the image has none but itself. Is any of its \
             commands or settings in use that starts one: a hook, an editor, git?"
        );
        return Some(Explanation::asks(what, evidence, fix));
    };
    evidence.extend(does.iter().map(|one| one.to_string()));
    evidence.push(others);
    Some(Explanation::will_fail(
        format!("starts {}", first.with),
        format!(
            "{path} starts {}, and the image has no program but itself.",
            first.with
        ),
        evidence,
        fix,
    ))
}

/// Libraries have an executable bit too, now and then; and distroless has a script, but no shell.
fn can_start(image: &ImageContext<'_>, program: &Program) -> bool {
    match (&program.form, &program.elf) {
        (Form::Elf(_), Some(elf)) => elf.linkage != Linkage::Library,
        (Form::Script { interpreter, .. }, _) => {
            image.executable(&image.absolute(interpreter)).is_ok()
        }
        (form, _) => matches!(form, Form::Elf(_)),
    }
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::testing::*;
    use serde_json::json;

    const STARTS: Can = (Ability::StartPrograms, "os.StartProcess");

    #[test]
    fn a_program_that_starts_others_needs_others() {
        let script = [Make::Mode("tool", 0o755, b"#!/app\n")];
        assert_eq!(go_with(&[STARTS], &[]), ["advice: no-programs"]);
        assert_eq!(go_with(&[STARTS], &script), NOTHING);
        // base-files brings this one to distroless, too.
        let dead = [Make::Mode(
            "etc/update-motd.d/10-uname",
            0o755,
            b"#!/bin/sh\n",
        )];
        assert_eq!(go_with(&[STARTS], &dead), ["advice: no-programs"]);
        let git = [(Ability::StartPrograms, "os/exec.Command", "git")];
        let sure = go_does(json!({}), &git, &[STARTS], &[]);
        assert_eq!(sure, ["will fail: no-programs"]);
    }
}
