//! What is to be started is not there, by path or along `PATH`.
//!
//! Source: execve(2)'s ENOENT, ENOTDIR and ELOOP; runc looks names up as `exec.LookPath` does.

use super::prelude::*;
use crate::image::notable::executables;
use crate::preflight::start::json_list;

pub(super) static RULE: Rule = Rule {
    order: 20,
    id: "command-missing",
    title: "The command is not in the image",
    page: Some("museum/copy-missing.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(context: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::NotFound(error) = &failed.error else {
        return None;
    };
    let called = &failed.start.called;
    Some(Explanation::new(
        format!("{called} is to be started, and {}.", error.why),
        failed.lookup_evidence(&context.image, error),
        nearby(&context.image, called).unwrap_or_else(|| {
            "COPY the program to where the command looks for it; absolute paths on both sides \
             leave nothing to guess"
                .to_owned()
        }),
    ))
}

/// A file of the same name elsewhere, or the words that were written as one.
fn nearby(image: &ImageContext<'_>, called: &str) -> Option<String> {
    let name = called.rsplit('/').next()?;
    if let Some((program, _)) = called.split_once(' ') {
        let list: Vec<_> = called.split(' ').map(str::to_owned).collect();
        let there = image.find(program).is_ok();
        return there.then(|| format!("ENTRYPOINT {}: a string per word", json_list(&list)));
    }
    let tree = image.tree;
    let mut programs = executables(tree).into_iter();
    let found = programs.find(|id| tree.node(*id).name == name)?;
    let path = tree.path(found);
    Some(format!("ENTRYPOINT [\"{path}\"]: that is where it lies"))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};
    use serde_json::json;

    #[test]
    fn a_command_that_is_not_there_does_not_start() {
        let elf = elf();
        let files = [
            Make::Mode("bin/app", 0o755, &elf),
            Make::Link("round", "round"),
        ];
        told_of_commands(
            &files,
            &[
                ("/app", "", "will not start: command-missing"),
                ("./app", "", "will not start: command-missing"),
                ("/bin/app -x", "", "will not start: command-missing"),
                ("/round", "", "will not start: command-missing"),
                ("/bin/app/x", "", "will not start: command-missing"),
                ("app", "8", ""),
            ],
        );
    }

    #[test]
    fn of_a_relative_command_the_working_directory_is_shown() {
        let elf = elf();
        for (directory, shown) in [("", "WORKDIR is not set: /"), ("/data", "WORKDIR /data")] {
            let config = json!({ "Cmd": ["./app"], "WorkingDir": directory });
            let inspection = image(&config, &[Make::Mode("srv/app", 0o755, &elf)]);
            let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
            let evidence = &found[0].evidence;
            assert!(evidence.iter().any(|one| one == shown), "{evidence:?}");
            assert!(found[0].fix.contains("/srv/app"), "{found:?}");
        }
    }

    #[test]
    fn a_command_of_a_line_is_told_as_far_as_the_line_is_certain() {
        let elf = elf();
        let with = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("bin/sh", 0o755, &elf),
        ];
        for (line, said) in [
            ("exec /gone", "will not start: command-missing"),
            ("/gone; exec /app", "will fail: command-missing"),
            (
                "[ -x /gone ] && /gone; exec /app",
                "advice: command-missing",
            ),
        ] {
            let config = json!({ "Cmd": ["/bin/sh", "-c", line] });
            assert_eq!(found(&config, &with), [said, "advice: shell"]);
        }
    }

    #[test]
    fn the_fix_names_where_the_program_lies() {
        let elf = elf();
        let inspection = image(
            &json!({ "Cmd": ["/app"] }),
            &[Make::Mode("bin/app", 0o755, &elf)],
        );
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        assert!(found[0].fix.contains("[\"/bin/app\"]"), "{found:?}");
    }
}
