//! A health check whose program is not there or cannot run, for whatever reason a command could not.
//!
//! Source: moby's `daemon/health.go` calls a container unhealthy whose check cannot be started.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 130,
    id: "healthcheck-missing",
    title: "The health check's program cannot run",
    page: Some("museum/no-shell-health.html"),
    severity: Severity::WillFail,
    checks: &[Check::Each(check)],
};

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let path = |failed: &FailedStart<'_>| failed.location(&context.image)?.path;
    // A health check by the program that does not start says nothing new.
    let fatal = context.failed(Role::Command).filter(|it| it.is_fatal());
    let fatal: Vec<_> = fatal.filter_map(path).collect();
    context.explained(Role::Healthcheck, |context, failed| {
        let known = path(failed).is_some_and(|path| fatal.contains(&path));
        let shell = matches!(failed.error, StartError::NoShell { .. });
        explain(context, failed).filter(|_| !known && !shell)
    })
}

/// In the words of the rule that would tell it of a command.
fn explain(context: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let checks = Rule::ALL.iter().flat_map(|rule| rule.checks);
    checks.into_iter().find_map(|check| match check {
        Check::Start(explain) => explain(context, failed),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_health_check_that_cannot_run_fails_when_it_is_asked() {
        let elf = elf();
        let run = |test: serde_json::Value| {
            let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": test } });
            found(&config, &[Make::Mode("app", 0o755, &elf)])
        };
        assert_eq!(
            run(json!(["CMD", "wget", "x"])),
            ["will fail: healthcheck-missing"]
        );
        assert_eq!(run(json!(["NONE"])), [""; 0]);
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("bin/sh", 0o755, &elf),
            Make::Mode("bin/wget", 0o755, &elf),
        ];
        let run = |line: &str| {
            let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": ["CMD-SHELL", line] } });
            found(&config, &files)
        };
        let missing = ["will fail: healthcheck-missing", "advice: shell"];
        assert_eq!(run("curl -f x || exit 1"), missing);
        let other = ["advice: healthcheck-missing", "advice: shell"];
        assert_eq!(run("curl -f x || wget x"), other);
        assert_eq!(run("wget x || curl -f x"), other);
        assert_eq!(run("wget -q x || exit 1"), ["advice: shell"]);
    }

    /// Its shell starts applets that no file is named after, and no other programs.
    #[test]
    fn busybox_is_no_curl() {
        let elf = elf();
        let run = |line: &str| {
            let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": ["CMD-SHELL", line] } });
            let files = [
                Make::Mode("app", 0o755, &elf),
                Make::Mode("bin/busybox", 0o755, &elf),
                Make::Link("bin/sh", "busybox"),
            ];
            found(&config, &files)
        };
        let missing = ["will fail: healthcheck-missing", "advice: shell"];
        assert_eq!(run("curl -f http://localhost/ || exit 1"), missing);
        assert_eq!(
            run("wget -q http://localhost/ || exit 1"),
            ["advice: shell"]
        );
    }

    #[test]
    fn a_health_check_by_the_program_that_does_not_start_is_no_news() {
        let foreign = elf_for(183);
        let run = |probe: &str| {
            let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": ["CMD", probe] } });
            let files = [
                Make::Mode("app", 0o755, &foreign),
                Make::Mode("probe", 0o755, &foreign),
            ];
            found(&config, &files)
        };
        let command = "will not start: wrong-cpu";
        assert_eq!(run("/app"), [command]);
        assert_eq!(run("/probe"), [command, "will fail: healthcheck-missing"]);
    }
}
