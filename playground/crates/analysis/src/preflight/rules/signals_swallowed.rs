//! A shell is process 1 and stays it: signals do not reach the program.
//!
//! Source: signal(7), and pid_namespaces(7) on process 1. Debian's dash stays, however short the line;
//! other shells become the last program of a line, and stay only with work left to do. Of a script no
//! shell becomes the last program without `exec`.

use super::prelude::*;
use crate::binary::Form;
use crate::entrypoint::{SHELLS, Shell, Start, StartedBy, shell_line, shell_of};
use crate::inspect::Reader;

pub(super) static RULE: Rule = Rule {
    order: 250,
    id: "signals-swallowed",
    title: "A shell as PID 1 swallows SIGTERM",
    page: Some("museum/pid1-signals.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let mut starts = context.entrypoint.of(Role::Command);
    let mut start = starts.next()?;
    // From a script to what it becomes, and so on.
    loop {
        let name = start.called.rsplit('/').next().unwrap_or_default();
        let id = start.file.clone().ok()?;
        let script = context.image.program(id);
        let script = script.filter(|program| matches!(program.form, Form::Script { .. }));
        if let Some(program) = script {
            match program.commands.as_ref()?.reader {
                Reader::Becomes => {}
                Reader::Waits => return Some(stays(&context.image.tree.path(id))),
                Reader::Unknown => return None,
            }
        } else if shell_line(&start.words).is_some() || !SHELLS.contains(&name) {
            return line(context, start);
        }
        // `sh /entry.sh` leads to the script, and that to its last program.
        let by = StartedBy::Program(name.to_owned());
        start = starts.find(|next| next.by == by)?;
    }
}

fn stays(path: &str) -> Explanation {
    Explanation::new(
        format!(
            "The shell that reads {path} stays process 1 and passes no signal on: `docker stop` \
             waits ten seconds, then kills."
        ),
        vec![format!(
            "{path} ends with a command without exec, and sets no trap"
        )],
        format!("`exec` before the last command of {path}"),
    )
}

fn line(context: &RuleContext<'_>, start: &Start) -> Option<Explanation> {
    let tree = context.image.tree;
    let shell = tree.node(start.file.clone().ok()?).name;
    let line = shell_line(&start.words)?;
    let dash = shell == "dash" || start.called.ends_with("dash");
    let stays = match shell_of(line) {
        Shell::Stays => true,
        Shell::Waits => dash,
        Shell::Becomes | Shell::Unknown => false,
    };
    stays.then(|| {
        Explanation::new(
            format!(
                "{} stays process 1 and passes no signal on: `docker stop` waits ten seconds, then \
                 kills.",
                start.called
            ),
            vec![format!("{shell} reads the line: {line}")],
            "exec form, or `exec` before the last command of the line",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_shell_that_stays_swallows_signals() {
        let elf = elf();
        let run = |shell: &str, line: &str| {
            let path = format!("bin/{shell}");
            let files = [
                Make::Mode(&path, 0o755, &elf),
                Make::Link("bin/sh", shell),
                Make::Mode("app", 0o755, &elf),
            ];
            let found = found(&json!({ "Cmd": ["/bin/sh", "-c", line] }), &files);
            found.iter().any(|said| said.contains("signals-swallowed"))
        };
        assert!(run("dash", "/app"));
        assert!(!run("dash", "exec /app"));
        assert!(!run("bash", "/app"));
        assert!(!run("busybox", "/app"));
        assert!(run("busybox", "/app; echo done"));
    }

    #[test]
    fn so_does_one_that_reads_a_script_without_exec() {
        let elf = elf();
        let run = |config: serde_json::Value, script: &[u8]| {
            let files = [
                Make::Mode("bin/sh", 0o755, &elf),
                Make::Mode("entry.sh", 0o755, script),
                Make::Mode("app", 0o755, &elf),
            ];
            let found = found(&config, &files);
            found.iter().any(|said| said.contains("signals-swallowed"))
        };
        let entry = || json!({ "Entrypoint": ["/entry.sh"], "Cmd": ["/app"] });
        assert!(run(entry(), b"#!/bin/sh\nset -e\n/app\n"));
        assert!(run(entry(), b"#!/bin/sh\n\"$@\"\n"));
        assert!(run(
            json!({ "Cmd": ["sh", "/entry.sh"] }),
            b"#!/bin/sh\n/app\n"
        ));
        assert!(!run(entry(), b"#!/bin/sh\nset -e\nexec \"$@\"\n"));
        assert!(!run(entry(), b"#!/bin/sh\ntrap 'kill $p' TERM\n/app\n"));
        // What a script becomes may be a shell again.
        let again = json!({ "Entrypoint": ["/entry.sh"], "Cmd": ["sh", "-c", "/app; echo over"] });
        assert!(run(again, b"#!/bin/sh\nexec \"$@\"\n"));
    }
}
