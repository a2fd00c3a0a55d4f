//! A layer that engines refuse to unpack: a hard link in it comes before the file that it names, or
//! names one that only a lower layer has; or it hides what it has itself. A path that comes twice,
//! Docker's classic store alone refuses.
//!
//! Source: `createTarFile` and the whiteout converters in moby's and containerd's archive packages,
//! which unpack each layer into a directory of its own, in the order of its tar; tar-split's
//! `ErrDuplicatePath`. Tried with 20.10.

use super::prelude::*;
use crate::image::tree::{Refusal, Refused};

pub(super) static RULE: Rule = Rule {
    order: 5,
    id: "layer-refused",
    title: "The engine refuses a layer",
    page: None,
    severity: Severity::WillNotStart,
    checks: &[Check::Each(check)],
};

/// Entries that a finding names.
const MAX_NAMED: usize = 10;

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let refused = context.image.tree.refused();
    let (twice, surely): (Vec<_>, Vec<_>) =
        refused.iter().partition(|one| one.why == Refusal::Twice);
    [surely, twice]
        .into_iter()
        .filter_map(|all| told(context, &all))
        .collect()
}

/// One finding about all of these.
fn told(context: &RuleContext<'_>, all: &[&Refused<'_>]) -> Option<Explanation> {
    let first = all.first()?;
    let (path, layer) = (format!("/{}", first.path), first.layer + 1);
    let evidence = all.iter().take(MAX_NAMED).map(|one| said(one)).collect();
    let fix = "build the image anew with an engine or with tar: each path once, the file first, its \
               links behind it, all in one layer";
    let told = match first.why {
        Refusal::LateLink(target) => Explanation::new(
            format!(
                "{path} is a hard link to /{target}, which layer {layer} does not have before it. The \
                 engine unpacks each layer alone and in its order, and refuses this one: no such \
                 file or directory."
            ),
            evidence,
            fix,
        ),
        Refusal::OwnWhiteout => Explanation::new(
            format!(
                "Layer {layer} has {path}, and hides it behind that: the engine cannot make the mark \
                 where a file is, and refuses the layer: file exists."
            ),
            evidence,
            fix,
        ),
        Refusal::Twice => Explanation::asks(
            format!(
                "Layer {layer} has {path} twice. Is it loaded into Docker's classic store, as before \
                 29? That refuses it: duplicates of file paths not supported."
            ),
            evidence,
            fix,
        ),
    };
    Some(told.at(context.image.location_in(Some(path), Some(layer))))
}

fn said(one: &Refused<'_>) -> String {
    let at = format!("layer {}", one.layer + 1);
    match one.why {
        Refusal::LateLink(target) => format!("{at}: hard link /{} to /{target}", one.path),
        Refusal::OwnWhiteout => format!("{at}: /{}, then its whiteout", one.path),
        Refusal::Twice => format!("{at}: /{} twice", one.path),
    }
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    fn told(layers: &[Vec<u8>]) -> Vec<String> {
        let inspection = layered(&app(), layers);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        let found = found
            .iter()
            .filter(|finding| finding.rule.id == "layer-refused");
        found
            .map(|finding| finding.severity.words().to_owned())
            .collect()
    }

    #[test]
    fn hard_links_come_behind_their_file_in_its_layer() {
        let elf = elf();
        let file = || Make::Mode("app", 0o755, &elf);
        let link = || Make::HardMode("link", 0o755, "app");
        assert_eq!(told(&[tar(&[file(), link()])]).len(), 0);
        let not = ["will not start"];
        assert_eq!(told(&[tar(&[link(), file()])]), not);
        assert_eq!(told(&[tar(&[file()]), tar(&[link()])]), not);
    }

    #[test]
    fn a_layer_does_not_hide_what_it_has() {
        let elf = elf();
        let base = tar(&[Make::Mode("app", 0o755, &elf), Make::File("a", b"1")]);
        let over = |entries: &[Make<'_>]| told(&[base.clone(), tar(entries)]);
        let hides = || Make::File(".wh.a", b"");
        assert_eq!(over(&[hides()]), NOTHING);
        assert_eq!(over(&[hides(), Make::File("a", b"2")]), NOTHING);
        assert_eq!(over(&[Make::File("a", b"2"), hides()]), ["will not start"]);
        assert_eq!(
            over(&[Make::File("a/b", b"2"), hides()]),
            ["will not start"]
        );
        let twice = [Make::File("b", b"1"), Make::File("b", b"2")];
        assert_eq!(over(&twice), ["advice"]);
    }
}
