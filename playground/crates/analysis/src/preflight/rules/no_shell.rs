//! A command in shell form, and no shell in the image to read it.
//!
//! Source: Docker keeps `CMD app -x` as `["/bin/sh", "-c", "app -x"]`.

use super::prelude::*;
use crate::preflight::start::json_list;

pub(super) static RULE: Rule = Rule {
    order: 40,
    id: "no-shell",
    title: "Shell-form command without a shell",
    page: Some("museum/no-shell-cmd.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain)],
};

/// Of a health check, the finding is `healthcheck-no-shell`'s.
pub(super) fn explain(context: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::NoShell { line, error } = &failed.error else {
        return None;
    };
    let called = &failed.start.called;
    Some(Explanation::new(
        format!(
            "The command is a line for {called}, which is not in the image: {}.",
            error.why
        ),
        failed.lookup_evidence(&context.image, error),
        exec_form(&context.image, line, failed.start.role),
    ))
}

/// The same command without a shell, where that can be said.
fn exec_form(image: &ImageContext<'_>, line: &str, role: Role) -> String {
    let instruction = match role {
        Role::Command => "ENTRYPOINT",
        Role::Healthcheck => "HEALTHCHECK CMD",
    };
    let list = line.trim_start_matches("exec ").split(' ');
    let list = list.filter(|word| !word.is_empty()).map(str::to_owned);
    let list: Vec<_> = list.collect();
    let missing = list.first().filter(|program| image.find(program).is_err());
    if let (Role::Healthcheck, Some(program)) = (role, missing) {
        return format!(
            "{program} is not in the image either: let your own program ask, \
             HEALTHCHECK CMD [\"/app\", \"-health\"]"
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=,+@%".contains(c);
    match line.chars().all(|c| plain(c) || c == ' ') && !list.is_empty() {
        true => format!("{instruction} {}", json_list(&list)),
        false => format!(
            "{instruction} [\"/app\", \"-flag\"]: brackets, double quotes, a word per string"
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};
    use serde_json::json;

    #[test]
    fn shell_form_needs_the_shell_that_it_names() {
        let elf = elf();
        let app = [Make::Mode("app", 0o755, &elf)];
        let sh = json!({ "Cmd": ["/bin/sh", "-c", "/app -x"] });
        assert_eq!(found(&sh, &app), ["will not start: no-shell"]);
        let found_at = preflight(&image(&sh, &app), &TargetPlatform::default()).expect("a tree");
        assert_eq!(found_at[0].fix, "ENTRYPOINT [\"/app\",\"-x\"]");
        let with = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("bin/sh", 0o755, &elf),
        ];
        assert_eq!(found(&sh, &with), ["advice: shell"]);
    }
}
