//! A `.git` directory lies in a layer: the whole history of the sources.
//!
//! Source: a file `HEAD` in a directory of that name, in every layer.

use super::prelude::*;
use crate::image::notable::git_directories;
use crate::preflight::evidence::hidden;

pub(super) static RULE: Rule = Rule {
    order: 310,
    id: "git-directory",
    title: "A layer holds a .git directory",
    page: Some("museum/fat-context.html"),
    severity: Severity::Advice,
    checks: &[Check::Each(check)],
};

/// Directories that are told.
const MAX_NAMED: usize = 10;

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let all = git_directories(&image.inspection.image, image.tree);
    let told = all.into_iter().take(MAX_NAMED).map(|git| {
        let path = &git.path;
        let finding = Explanation::new(
            format!(
                "Layer {} holds {path}: the whole history of the sources, {} bytes{}.",
                git.layer,
                git.what.bytes,
                hidden(&git)
            ),
            vec![format!("{path}/HEAD")],
            "write .git into .dockerignore, or COPY by name",
        );
        finding.at(image.location_in(Some(path.clone()), Some(git.layer)))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    #[test]
    fn a_repository_is_told_with_its_layer_even_where_hidden() {
        let elf = elf();
        let base = tar(&[
            Make::Mode("app", 0o755, &elf),
            Make::File("src/.git/HEAD", b"ref: x"),
        ]);
        let inspection = layered(&app(), &[base, tar(&[Make::File(".wh.src", b"")])]);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        let rules: Vec<_> = found.iter().map(|finding| finding.rule.id).collect();
        assert_eq!(rules, ["runs-as-root", "git-directory"]);
        let what = &found[1].what;
        assert!(what.starts_with("Layer 1 holds /src/.git: "), "{what}");
        assert!(what.ends_with(", hidden by a later layer."), "{what}");
    }
}
