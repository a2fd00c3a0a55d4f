//! A package manager is in the image: what it holds can be changed while it runs.
//!
//! Source: executable files of such names in the usual places, links followed.

use super::prelude::*;
use crate::image::notable::package_managers;

pub(super) static RULE: Rule = Rule {
    order: 340,
    id: "package-manager",
    title: "A package manager is in the image",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let managers = package_managers(context.image.tree);
    let paths = managers.into_iter().map(|manager| manager.path).collect();
    Some(Explanation::new(
        "Package managers are in the image: what it holds can be changed while it runs.",
        named(paths)?,
        "build in one stage, and COPY the result into another without them",
    ))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;

    #[test]
    fn one_in_its_usual_place_is_told() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("usr/bin/apt-get", 0o755, &elf),
        ];
        assert_eq!(found(&app(), &files), ["advice: package-manager"]);
    }
}
