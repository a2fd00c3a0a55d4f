//! The command is there, and the image's user may not execute it; or it is a script that this user
//! may not read.
//!
//! Source: execve(2)'s EACCES, for the file and for the directories above it.

use super::prelude::*;
use crate::entrypoint::LookupError;

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
            Some(Explanation::new(
                format!(
                    "{called} is to be started, and {}: permission denied.",
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
                ("/own", "8", "will not start: command-not-executable"),
                ("/own", "7", ""),
                ("/own", "0", ""),
            ],
        );
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
