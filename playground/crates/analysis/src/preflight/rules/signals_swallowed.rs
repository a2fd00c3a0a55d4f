//! A shell is process 1 and stays it: signals do not reach the program.
//!
//! Source: signal(7), and pid_namespaces(7) on process 1. Debian's dash stays, however short the line;
//! other shells become the last program, and stay only with work left to do.

use super::prelude::*;
use crate::entrypoint::{Shell, shell_line, shell_of};

pub(super) static RULE: Rule = Rule {
    order: 250,
    id: "signals-swallowed",
    title: "A shell as PID 1 swallows SIGTERM",
    page: Some("museum/pid1-signals.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let start = context.entrypoint.of(Role::Command).next()?;
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
}
