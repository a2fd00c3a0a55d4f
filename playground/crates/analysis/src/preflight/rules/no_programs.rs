//! The program starts another that is not there, or may, and is the only one in the image.
//!
//! Nearly every large program has `os/exec` in it, for an editor, a pager or a plug-in, so that it is
//! a question, unless the program's own code starts one that is named there.
//!
//! Source: `os.StartProcess` is linked in, and how `exec.Command` looks names up. A volume on `PATH` may bring programs.

use super::prelude::*;
use crate::binary::{Form, Linkage};
use crate::image::notable::executables;
use crate::inspect::Program;

pub(super) static RULE: Rule = Rule {
    order: 210,
    id: "no-programs",
    title: "It starts programs that are not there",
    page: Some("museum/no-shell-exec.html"),
    severity: Severity::WillFail,
    checks: &[Check::GoBinary(check)],
};

fn check(context: &RuleContext<'_>, go: &GoBinary<'_>) -> Option<Explanation> {
    let mut evidence = go.evidence(Ability::StartPrograms)?;
    let image = &context.image;
    let mut path = image.search_path().split(':');
    if path.any(|directory| image.volume_at(directory)) {
        return None;
    }
    evidence.extend(go.seen(Ability::StartPrograms));
    let (path, fix) = (
        &go.path,
        "do it in Go, or COPY what it starts into the image",
    );
    let alone = alone(image, go);
    let asked = |name: &str| {
        let mut uses = go.program.uses(Ability::StartPrograms);
        uses.any(|one| one.looks_for_program() && one.with == name)
    };
    let mut does = go.does(Ability::StartPrograms);
    // Who asks first whether it is there does something else where it is not.
    does.retain(|one| !asked(&one.with));
    if let Some(name) = does
        .iter()
        .map(|one| &one.with)
        .find(|name| lacks(image, name))
    {
        evidence.push(match alone {
            true => "no other file in the image is executable".to_owned(),
            false => format!("PATH={} leads to no {name}", image.search_path()),
        });
        return Some(Explanation::will_fail(
            format!("starts {name}"),
            format!("{path} starts {name}, which the image does not have."),
            evidence,
            fix,
        ));
    }
    if !alone {
        return None;
    }
    evidence.push("no other file in the image is executable".to_owned());
    let what = format!(
        "{path} can start other programs, and the image has none but itself. Is any of its commands \
         or settings in use that starts one: a hook, an editor, git?"
    );
    Some(Explanation::asks(what, evidence, fix))
}

/// Whether it is the only program of the image.
fn alone(image: &ImageContext<'_>, go: &GoBinary<'_>) -> bool {
    let tree = image.tree;
    let others = executables(tree).into_iter();
    let mut others = others.filter(|id| tree.node(*id).id != tree.node(go.id).id);
    !others.any(|id| image.program(id).is_some_and(|it| can_start(image, it)))
}

/// Whether a program of this name, or at this path, is not there. What the kernel shows (`/proc/self/exe`)
/// is in no image, and a relative path hangs on where the program goes first.
fn lacks(image: &ImageContext<'_>, called: &str) -> bool {
    let elsewhere = ["/proc/", "/sys/", "/dev/"];
    let elsewhere = elsewhere.iter().any(|at| called.starts_with(at)) || image.volume_at(called);
    let relative = called.contains('/') && !called.starts_with('/');
    !elsewhere && !relative && image.find(called).is_err()
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

    #[test]
    fn a_program_that_is_looked_for_first_is_a_question() {
        let starts = (Ability::StartPrograms, "os/exec.Command", "git");
        let looks = |name| (Ability::StartPrograms, "os/exec.lookPath", name);
        let run = |looks| go_does(json!({}), &[starts, looks], &[STARTS], &[]);
        assert_eq!(run(looks("git")), ["advice: no-programs"]);
        assert_eq!(run(looks("hg")), ["will fail: no-programs"]);
    }

    #[test]
    fn a_program_that_its_own_code_names_has_to_be_there() {
        let elf = elf();
        let files = [
            Make::Mode("bin/git", 0o755, &elf),
            Make::Mode("bin/sh", 0o755, &elf),
        ];
        let run = |name: &str| {
            let starts = [(Ability::StartPrograms, "os/exec.Command", name)];
            go_does(json!({}), &starts, &[STARTS], &files)
        };
        let (fails, shell) = ("will fail: no-programs", "advice: shell");
        assert_eq!(run("hg"), [fails, shell]);
        assert_eq!(run("/usr/bin/git"), [fails, shell]);
        for there in ["git", "/bin/git", "/proc/self/exe", "./hg"] {
            assert_eq!(run(there), [shell], "{there}");
        }
    }
}
