//! What is started carries capabilities of its own (`setcap`): more than a container has, and it
//! does not start; else it depends on what the cluster drops.
//!
//! Source: `bprm_caps_from_vfs_caps` in the kernel's `security/commoncap.c`. A script's do not count.

use super::prelude::*;
use crate::binary::Form;
use crate::preflight::start::lacking;

pub(super) static RULE: Rule = Rule {
    order: 240,
    id: "file-capabilities",
    title: "The command's file carries capabilities",
    page: Some("museum/capability-lost.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Start(explain), Check::File(check)],
};

fn explain(context: &RuleContext<'_>, failed: &FailedStart<'_>) -> Option<Explanation> {
    let StartError::Capabilities { carried, beyond } = &failed.error else {
        return None;
    };
    let path = &failed.path;
    if let Some(said) = context
        .image
        .container
        .and_then(|it| it.capabilities.said())
    {
        return Some(Explanation::new(
            format!(
                "{path} carries {}, which the container does not have: operation not permitted, for \
                 root too.",
                beyond.join(", ")
            ),
            vec![format!("security.capability of {path}: {carried}"), said],
            "build it without them, where it can do without (a port above 1023 needs none); or add \
             them to the container",
        ));
    }
    let options = beyond.iter().map(|name| {
        let name = name.trim_start_matches("cap_").to_uppercase();
        format!("--cap-add {name}")
    });
    let options = options.collect::<Vec<_>>().join(" ");
    Some(Explanation::new(
        format!(
            "{path} carries {}, which a container does not have unless it is added: operation not \
             permitted, for root too.",
            beyond.join(", ")
        ),
        vec![
            format!("security.capability of {path}: {carried}"),
            "not among the capabilities that Docker gives by itself".into(),
        ],
        format!("docker run {options}; or leave them out where the program can do without"),
    ))
}

/// Where the container has what Docker gives, it starts.
fn check(context: &RuleContext<'_>, id: NodeId) -> Option<Explanation> {
    let image = &context.image;
    let carried = image.capabilities(id)?;
    let elf = matches!(image.program(id)?.form, Form::Elf(_));
    if !elf || !carried.effective || !lacking(image.container, carried).is_empty() {
        return None;
    }
    let path = image.tree.path(id);
    let severity = Some(Severity::Advice);
    if let Some(container) = image.container {
        let told = Explanation::new(
            format!(
                "{path} carries {carried}, and the container takes no new privileges: it starts, and \
                 they do not count. Does it need them?"
            ),
            vec![
                format!("security.capability of {path}: {carried}"),
                "no-new-privileges (allowPrivilegeEscalation: false)".into(),
            ],
            "do without them: a port above 1023 needs none",
        );
        return container
            .no_new_privileges
            .then_some(Explanation { severity, ..told });
    }
    let told = Explanation::new(
        format!(
            "{path} carries {carried}. Where all capabilities are dropped it does not start \
             (operation not permitted), and with no-new-privileges they do not count."
        ),
        vec![format!("security.capability of {path}: {carried}")],
        "do without them: a port above 1023 needs none",
    );
    Some(Explanation { severity, ..told })
}

#[cfg(test)]
mod tests {
    use crate::image::capabilities::Capabilities;
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn capabilities_that_no_container_has_by_itself_keep_a_program_from_starting() {
        const BIND: u64 = 1 << 10;
        const ADMIN: u64 = 1 << 12;
        let elf = elf();
        let run = |permitted: u64, effective: bool, user: &str| {
            let config = json!({ "Entrypoint": ["/app"], "User": user });
            let mut inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
            let rights = Capabilities {
                permitted,
                inheritable: 0,
                effective,
                root: 0,
            };
            set_capabilities(&mut inspection, "/app", rights);
            said(&inspection, &TargetPlatform::default())
        };
        let refused = ["will not start: file-capabilities"];
        for user in ["", "7"] {
            assert_eq!(run(ADMIN, true, user), refused);
            assert_eq!(run(ADMIN | BIND, true, user), refused);
            assert_eq!(run(BIND, true, user), ["advice: file-capabilities"]);
            assert_eq!(run(ADMIN, false, user), [""; 0]);
            // All that Docker gives.
            assert_eq!(run(0xa804_25fb, true, user), ["advice: file-capabilities"]);
        }
    }

    #[test]
    fn a_script_carries_capabilities_in_vain() {
        let elf = elf();
        let files = [
            Make::Mode("bin/run", 0o755, &elf),
            Make::Mode("app", 0o755, b"#!/bin/run\n"),
        ];
        let mut inspection = image(&app(), &files);
        let rights = Capabilities {
            permitted: 1 << 12,
            inheritable: 0,
            effective: true,
            root: 0,
        };
        set_capabilities(&mut inspection, "/app", rights);
        assert_eq!(said(&inspection, &TargetPlatform::default()), [""; 0]);
        set_capabilities(&mut inspection, "/bin/run", rights);
        assert_eq!(
            said(&inspection, &TargetPlatform::default()),
            ["will not start: file-capabilities"]
        );
    }
}
