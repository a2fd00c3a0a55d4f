//! CMD in shell form behind an ENTRYPOINT: the program is called with `/bin/sh`, `-c` and the line.
//!
//! Source: Docker appends CMD's words to ENTRYPOINT's.

use super::prelude::*;
use crate::entrypoint::shell_line;

pub(super) static RULE: Rule = Rule {
    order: 260,
    id: "shell-as-arguments",
    title: "A shell-form CMD becomes arguments",
    page: Some("museum/no-shell-cmd.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let image = &context.image;
    let runtime = image.runtime;
    let line = shell_line(&runtime.cmd)?;
    let mut command = context.entrypoint.of(Role::Command);
    let start = command.next().filter(|_| !runtime.entrypoint.is_empty())?;
    let program = image.program(start.file.clone().ok()?)?;
    // What can start programs may well start a shell: an init, in Go.
    if !program.can(Ability::StartPrograms)?.is_empty() {
        return None;
    }
    Some(Explanation::new(
        format!(
            "CMD is in shell form behind an ENTRYPOINT, so {} is called with {} and {line:?} as \
             arguments, and no shell reads the line.",
            start.called,
            runtime.cmd[..runtime.cmd.len() - 1].join(", ")
        ),
        vec![
            format!("Entrypoint {:?}", runtime.entrypoint),
            format!("Cmd {:?}", runtime.cmd),
        ],
        "CMD [\"word\", \"per\", \"string\"]",
    ))
}

#[cfg(test)]
mod tests {
    use crate::binary::linked::Ability;
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn a_shell_form_cmd_behind_an_entrypoint_is_noticed() {
        let elf = elf();
        let config = json!({ "Entrypoint": ["/app"], "Cmd": ["/bin/sh", "-c", "hello"] });
        let run = |can: &[(Ability, &'static str)]| {
            let mut inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
            make_go(&mut inspection, "/app", "0", can);
            said(&inspection, &TargetPlatform::default())
        };
        assert_eq!(run(&[]), ["advice: shell-as-arguments"]);
        let starts = [(Ability::StartPrograms, "os.StartProcess")];
        assert_eq!(run(&starts), ["advice: no-programs"]);
    }
}
