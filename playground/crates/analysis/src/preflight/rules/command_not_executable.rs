//! The command is there, and the image's user may not execute it; or it is a script that this user
//! may not read.
//!
//! Source: execve(2)'s EACCES, for the file and for the directories above it.

use super::prelude::*;
use crate::entrypoint::LookupError;
use crate::preflight::start::Spared;

pub(super) static RULE: Rule = Rule {
    order: 30,
    id: "command-not-executable",
    title: "The command is not executable",
    page: Some("museum/not-executable.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(context: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let image = &context.image;
    match &failed.error {
        StartError::NotExecutable(error) => {
            let called = &failed.start.called;
            let hangs = match failed.spared {
                Spared::Never => "",
                Spared::Here => {
                    " This engine's runc (1.5 or newer) executes it with CAP_DAC_OVERRIDE; under \
                     cap-drop ALL, and elsewhere, it does not start."
                }
                Spared::Somewhere => {
                    " Only runc from 1.5 on starts it, with CAP_DAC_OVERRIDE, and not under \
                     cap-drop ALL."
                }
            };
            Some(Explanation::new(
                format!(
                    "{called} is to be started, and {}: permission denied.{hangs}",
                    error.why
                ),
                failed.lookup_evidence(image, error),
                allowing(image, error, called),
            ))
        }
        StartError::UnreadableScript => unreadable(image, failed),
        _ => None,
    }
}

/// A script is read by its interpreter, as the image's user.
fn unreadable(image: &ImageContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let path = &failed.path;
    let user = image.identity.as_ref()?;
    let mode = image.tree.node(failed.start.file.clone().ok()?).mode();
    Some(Explanation::new(
        format!(
            "{path} is a script that uid {} may execute but not read, and its interpreter has to \
             read it.",
            user.uid
        ),
        vec![format!("mode {mode:04o} of {path}")],
        format!("COPY --chmod=755, or RUN chmod 755 {path}"),
    ))
}

/// What would let the kernel execute it.
fn allowing(image: &ImageContext<'_>, error: &LookupError, called: &str) -> String {
    match error
        .denied
        .filter(|id| image.tree.node(*id).is_directory())
    {
        Some(id) => {
            let directory = image.tree.path(id);
            match image.tree.lookup(called) == Ok(id) {
                true => format!("name the program in {directory}"),
                false => format!("RUN chmod 755 {directory}, in the stage that makes it"),
            }
        }
        None => format!("COPY --chmod=755, or RUN chmod 755 {called} in the stage it comes from"),
    }
}

#[cfg(test)]
mod tests {
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_command_that_its_user_may_not_execute_does_not_start() {
        let elf = elf();
        let files = [
            Make::Mode("plain", 0o644, &elf),
            Make::Owned("own", 0o700, (7, 7), &elf),
            Make::Dir("dir"),
        ];
        told_of_commands(
            &files,
            &[
                ("/plain", "", "will not start: command-not-executable"),
                ("/dir", "", "will not start: command-not-executable"),
                ("/own", "8", "will fail: command-not-executable"),
                ("/own", "7", ""),
                ("/own", "0", ""),
            ],
        );
    }

    /// runc 1.5 executes the command with the container's capabilities, its user's or not.
    #[test]
    fn whether_root_s_own_program_starts_hangs_on_engine_and_capabilities() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o700, &elf),
            Make::DirMode("shut", 0o700),
            Make::Mode("shut/app", 0o755, &elf),
            Make::Mode("bin/sh", 0o755, &elf),
            Make::Mode("entry", 0o755, b"#!/bin/sh\nexec /app\n"),
        ];
        let on = |command: &str, executes_with_rights| {
            let config = json!({ "Cmd": [command], "User": "7" });
            let target = TargetPlatform {
                executes_with_rights,
                ..TargetPlatform::default()
            };
            said(&image(&config, &files), &target).swap_remove(0)
        };
        for command in ["/app", "/shut/app"] {
            assert_eq!(on(command, Some(true)), "advice: command-not-executable");
            assert_eq!(on(command, None), "will fail: command-not-executable");
            let old = on(command, Some(false));
            assert_eq!(old, "will not start: command-not-executable");
        }
        // A shell has nothing but its user's rights.
        let behind = on("/entry", Some(true));
        assert_eq!(behind, "will not start: command-not-executable");
    }

    #[test]
    fn a_script_has_to_be_read_by_its_interpreter() {
        let elf = elf();
        let run = |user: &str| {
            let files = [
                Make::Mode("bin/busybox", 0o755, &elf),
                Make::Mode("run", 0o711, b"#!/bin/busybox\n"),
            ];
            found(&json!({ "Cmd": ["/run"], "User": user }), &files)
        };
        assert_eq!(run("7"), ["will not start: command-not-executable"]);
        assert_eq!(run(""), [""; 0]);
    }
}
