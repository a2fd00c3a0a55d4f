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
    let there = context.image.find(called).is_ok();
    let (what, fix) = match called.ends_with('\r') {
        _ if there => (
            format!("{script} is a script for {called}, and {}.", error.why),
            "name a shell or another program in the #! line, such as #!/bin/sh -e".to_owned(),
        ),
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
        // ELOOP.
        assert_eq!(run(b"#!/run\n", 0o755, ""), missing);
        assert_eq!(
            run(b"echo hello\n", 0o755, ""),
            ["will not start: not-an-executable"]
        );
    }

    #[test]
    fn the_kernel_follows_five_interpreters_that_are_scripts() {
        let elf = elf();
        let chain = |scripts: usize| {
            let names: Vec<_> = (0..scripts).map(|n| format!("s{n}")).collect();
            let line = |n: usize| match n + 1 == scripts {
                true => "#!/sh\n".to_owned(),
                false => format!("#!/s{}\n", n + 1),
            };
            let lines: Vec<_> = (0..scripts).map(line).collect();
            let mut files = vec![Make::Mode("sh", 0o755, &elf)];
            let both = names.iter().zip(&lines);
            files.extend(both.map(|(name, line)| Make::Mode(name, 0o755, line.as_bytes())));
            found(&json!({ "Cmd": ["/s0"] }), &files)
        };
        assert_eq!(chain(5), [""; 0]);
        assert_eq!(chain(6), ["will not start: script-interpreter-missing"]);
    }

    #[test]
    fn busybox_s_env_does_not_split() {
        let elf = elf();
        let run = |env: &str, line: &str| {
            let script = format!("#!{line}\necho hello\n");
            let files = [
                Make::Mode("bin/busybox", 0o755, &elf),
                Make::Mode("bin/coreutils", 0o755, &elf),
                Make::Link("bin/runner", "busybox"),
                Make::Link("bin/env", env),
                Make::Mode("run", 0o755, script.as_bytes()),
            ];
            found(&json!({ "Cmd": ["/run"] }), &files)
        };
        let missing = ["will not start: script-interpreter-missing"];
        assert_eq!(run("busybox", "/bin/env -S runner -e"), missing);
        assert_eq!(run("busybox", "/bin/env runner"), [""; 0]);
        assert_eq!(run("coreutils", "/bin/env -S runner -e"), [""; 0]);
        let gone = run("coreutils", "/bin/env -S gone -e");
        assert_eq!(gone, ["will not start: command-missing"]);
    }
}
