//! A script whose `#!` line names what is not there; with Windows' line ends, what is never there.
//!
//! Source: `load_script` in the kernel's `fs/binfmt_script.c`. The error names the script.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 50,
    id: "script-interpreter-missing",
    title: "The script's interpreter is missing",
    page: Some("museum/script-start.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

fn explain(context: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::NoInterpreter { script, error } = &failed.error else {
        return None;
    };
    let called = &failed.start.called;
    let (what, fix) = match called.ends_with('\r') {
        true => (
            format!(
                "{script} has Windows line ends, so the kernel looks for {called:?}, with a \
                 carriage return in its name."
            ),
            format!("sed -i 's/\\r$//' {script}, and `* text eol=lf` in .gitattributes"),
        ),
        false => (
            format!(
                "{script} is a script for {called}, and {}. The error will name {script}.",
                error.why
            ),
            "start the program itself, ENTRYPOINT [\"/app\"], or take a base that has the \
             interpreter"
                .to_owned(),
        ),
    };
    Some(Explanation::new(
        what,
        failed.lookup_evidence(&context.image, error),
        fix,
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn scripts_need_their_interpreter_and_are_read_by_it() {
        let elf = elf();
        let run = |script: &[u8], mode, user: &str| {
            let files = [
                Make::Mode("bin/busybox", 0o755, &elf),
                Make::Mode("run", mode, script),
            ];
            found(&json!({ "Cmd": ["/run"], "User": user }), &files)
        };
        let missing = ["will not start: script-interpreter-missing"];
        assert_eq!(run(b"#!/bin/busybox sh\n", 0o755, "7"), [""; 0]);
        assert_eq!(run(b"#!/bin/sh\n", 0o755, ""), missing);
        assert_eq!(run(b"#!/bin/busybox\r\n", 0o755, ""), missing);
        assert_eq!(
            run(b"#!/bin/busybox\n", 0o711, "7"),
            ["will not start: command-not-executable"]
        );
        assert_eq!(run(b"#!/bin/busybox\n", 0o711, ""), [""; 0]);
        assert_eq!(
            run(b"echo hello\n", 0o755, ""),
            ["will not start: not-an-executable"]
        );
    }
}
