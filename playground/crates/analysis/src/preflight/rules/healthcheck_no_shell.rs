//! A health check in shell form, and no shell in the image to read it.
//!
//! Source: moby's `daemon/health.go` runs `CMD-SHELL` by the image's SHELL, or `/bin/sh -c`.

use super::no_shell;
use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 120,
    id: "healthcheck-no-shell",
    title: "Shell-form HEALTHCHECK without a shell",
    page: Some("museum/no-shell-health.html"),
    severity: Severity::WillFail,
    checks: &[Check::Each(check)],
};

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    context.explained(Role::Healthcheck, no_shell::explain)
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_health_check_in_shell_form_needs_a_shell() {
        let elf = elf();
        let run = |test: serde_json::Value| {
            let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": test } });
            found(&config, &[Make::Mode("app", 0o755, &elf)])
        };
        let shell = ["will fail: healthcheck-no-shell"];
        assert_eq!(
            run(json!(["CMD-SHELL", "wget -q localhost || exit 1"])),
            shell
        );
        assert_eq!(run(json!(["CMD", "/bin/sh", "-c", "/app"])), shell);
        assert_eq!(run(json!(["NONE"])), [""; 0]);
        assert_eq!(run(json!([])), [""; 0]);
    }
}
