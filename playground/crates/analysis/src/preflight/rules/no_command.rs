//! The image starts nothing: neither ENTRYPOINT nor CMD.
//!
//! Source: moby's `daemon/create.go` refuses such a container with "No command specified".

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 10,
    id: "no-command",
    title: "The image names no command",
    page: None,
    severity: Severity::WillNotStart,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    // The manifest's command hangs on a variable.
    let image = &context.image;
    let unknown = image
        .container
        .is_some_and(|it| it.command_unknown(image.runtime));
    if unknown || context.entrypoint.of(Role::Command).next().is_some() {
        return None;
    }
    Some(Explanation::new(
        "The image has neither ENTRYPOINT nor CMD, so the engine refuses to make a container of it \
         unless a command is given.",
        vec!["Entrypoint and Cmd of the image are empty".into()],
        "ENTRYPOINT [\"/app\"]",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn no_command_is_told() {
        assert_eq!(found(&json!({}), &[]), ["will not start: no-command"]);
    }
}
