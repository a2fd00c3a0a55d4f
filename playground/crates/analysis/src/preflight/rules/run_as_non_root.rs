//! The manifest wants anybody but root (`runAsNonRoot`), and the image runs as root, or as a name that
//! the kubelet looks up nowhere.
//!
//! Source: `verifyRunAsNonRoot` in the kubelet's `kuberuntime/security_context.go`.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 112,
    id: "run-as-non-root",
    title: "runAsNonRoot without a number",
    page: Some("museum/user-by-name.html"),
    severity: Severity::WillNotStart,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let image = &context.image;
    image
        .container
        .filter(|container| container.run_as_non_root)?;
    let user = &image.runtime.user;
    let name = user.split(':').next().unwrap_or_default();
    let (what, said) = match name.parse::<u64>() {
        Ok(0) => (
            "The manifest says runAsNonRoot, and the user is 0: the kubelet does not start it \
             (CreateContainerConfigError: container's runAsUser breaks non-root policy)."
                .to_owned(),
            format!("user {user}"),
        ),
        Ok(_) => return None,
        Err(_) if name.is_empty() => (
            "The manifest says runAsNonRoot, and neither it nor the image names a user: the kubelet \
             does not start it (CreateContainerConfigError: container has runAsNonRoot and image \
             will run as root)."
                .to_owned(),
            "USER is not set, nor is runAsUser".to_owned(),
        ),
        Err(_) => (
            format!(
                "The manifest says runAsNonRoot, and the image names its user {name:?}: the kubelet \
                 looks no names up and does not start it (CreateContainerConfigError: image has \
                 non-numeric user, cannot verify user is non-root)."
            ),
            format!("USER {user}, and no runAsUser"),
        ),
    };
    Some(Explanation::new(
        what,
        vec!["runAsNonRoot: true".into(), said],
        "USER 10001:10001 in the Dockerfile, or runAsUser: 10001 in the manifest",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    #[test]
    fn the_kubelet_wants_a_number_that_is_not_root() {
        let elf = elf();
        let run = |user: &str, security: &str| {
            let files = [
                Make::Mode("app", 0o755, &elf),
                Make::File("etc/passwd", b"app:x:7:7::/:/x\n"),
            ];
            let config = json!({ "Cmd": ["/app"], "User": user });
            said_as(
                &image(&config, &files),
                &format!(
                    "kind: Pod\nspec:\n  securityContext: {{ {security} }}\n  containers:\n  - name: a\n"
                ),
            )
        };
        let not = ["will not start: run-as-non-root"];
        assert_eq!(run("", "runAsNonRoot: true"), not);
        assert_eq!(run("0", "runAsNonRoot: true"), not);
        assert_eq!(run("app", "runAsNonRoot: true"), not);
        assert_eq!(run("7", "runAsNonRoot: true"), NOTHING);
        assert_eq!(run("app", "runAsNonRoot: true, runAsUser: 7"), NOTHING);
        assert_eq!(run("7", "runAsNonRoot: true, runAsUser: 0"), not);
        assert_eq!(run("app", "runAsNonRoot: false"), NOTHING);
    }
}
