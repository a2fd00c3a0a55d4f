//! It runs as uid 0.
//!
//! Source: the image's USER; the kubelet refuses uid 0 where `runAsNonRoot` is set.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    order: 270,
    id: "runs-as-root",
    title: "Runs as root",
    page: Some("museum/user-by-name.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let image = &context.image;
    let user = image.identity.as_ref().filter(|user| user.uid == 0)?;
    // Where it has to be somebody else, `run-as-non-root` tells.
    if image
        .container
        .is_some_and(|container| container.run_as_non_root)
    {
        return None;
    }
    let named = image.container.and_then(|container| container.user_said());
    let said = match named.unwrap_or(&image.runtime.user) {
        user if named.is_some() => format!("the manifest's user is {user}"),
        "" => "USER is not set".to_owned(),
        user => format!("USER {user}"),
    };
    Some(Explanation::new(
        format!(
            "It runs as uid {}: a cluster with runAsNonRoot refuses it, and whoever breaks in has \
             root's rights in the container.",
            user.uid
        ),
        vec![said],
        "USER 10001:10001",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};
    use serde_json::json;

    #[test]
    fn root_is_told_and_numbers_are_fine() {
        let elf = elf();
        let run = |user: &str| {
            let config = json!({ "Cmd": ["/app"], "User": user });
            let inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
            let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
            found.into_iter().map(|f| f.rule.id).collect::<Vec<_>>()
        };
        assert_eq!(run(""), ["runs-as-root"]);
        assert_eq!(run("0:0"), ["runs-as-root"]);
        assert_eq!(run("10001"), [""; 0]);
    }
}
