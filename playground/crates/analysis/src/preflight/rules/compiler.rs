//! A compiler is in the image: needed to build it, not to run it.
//!
//! Source: executable files of such names in the usual places, links followed.

use super::prelude::*;
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    order: 360,
    id: "compiler",
    title: "A compiler is in the image",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

const NAMES: [&str; 10] = [
    "go", "gcc", "cc", "g++", "clang", "tcc", "rustc", "javac", "ghc", "as",
];
const DIRECTORIES: [&str; 4] = ["/usr/local/go/bin", "/usr/bin", "/usr/local/bin", "/bin"];

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    Some(Explanation::new(
        "Compilers are in the image: they are needed to build it, not to run it.",
        named(compilers(context))?,
        "a second stage: FROM scratch, then COPY --from=build /app /app",
    ))
}

/// Their paths; a file of several names is told once.
fn compilers(context: &RuleContext<'_>) -> Vec<String> {
    let tree = context.image.tree;
    let executable = |id: NodeId| tree.node(id).is_file() && tree.node(id).mode() & 0o111 != 0;
    let mut known = BTreeSet::new();
    let paths = DIRECTORIES
        .iter()
        .flat_map(|directory| NAMES.iter().map(move |name| format!("{directory}/{name}")));
    let found = paths.filter(|path| {
        let id = tree.lookup(path).ok();
        id.is_some_and(|id| executable(id) && known.insert(id))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;

    #[test]
    fn one_in_its_usual_place_is_told() {
        let elf = elf();
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::Mode("usr/local/go/bin/go", 0o755, &elf),
        ];
        assert_eq!(found(&app(), &files), ["advice: compiler"]);
    }
}
