//! A layer that engines refuse to unpack: a hard link in it comes before the file that it names, or
//! names one that only a lower layer has; or it hides what it has itself. A path that comes twice,
//! Docker's classic store alone refuses; a blob that is not what its manifest says, only who goes by
//! the manifest: containerd, as Docker does from 29 on.
//!
//! Source: `createTarFile` and the whiteout converters in moby's and containerd's archive packages,
//! which unpack each layer into a directory of its own, in the order of its tar; tar-split's
//! `ErrDuplicatePath`; containerd's `diff/apply`, which unpacks by media type. Tried with 20.10.

use super::prelude::*;
use crate::image::tree::{Refusal, Refused};

pub(super) static RULE: Rule = Rule {
    order: 5,
    id: "layer-refused",
    title: "The engine refuses a layer",
    page: None,
    severity: Severity::WillNotStart,
    checks: &[Check::Each(check), Check::Each(mislabelled)],
};

/// Entries that a finding names.
const MAX_NAMED: usize = 10;

fn check(context: &RuleContext<'_>) -> Vec<Explanation> {
    let refused = context.image.tree.refused();
    let of = |why: Option<Refusal<'_>>| {
        let classic = [Refusal::Twice, Refusal::LeadsOut];
        let is = |one: &&Refused<'_>| match why {
            Some(why) => one.why == why,
            None => !classic.contains(&one.why),
        };
        refused.iter().filter(is).collect::<Vec<_>>()
    };
    [None, Some(Refusal::Twice), Some(Refusal::LeadsOut)]
        .map(of)
        .into_iter()
        .filter_map(|all| told(context, &all))
        .collect()
}

/// Of the layers whose blobs are not what the manifest says, one finding for each way.
fn mislabelled(context: &RuleContext<'_>) -> Vec<Explanation> {
    let layers = || (1u32..).zip(&context.image.inspection.image.layers);
    let digests: Vec<u32> = layers()
        .filter_map(|(n, layer)| layer.mislabelled.digest.then_some(n))
        .collect();
    let packed: Vec<u32> = layers()
        .filter_map(|(n, layer)| layer.mislabelled.plain.then_some(n))
        .collect();
    let ask = "Is the archive loaded by containerd, as Docker does from 29 on? That goes by the \
               manifest, and refuses it";
    let fix = "write the archive anew from what an engine has: docker load, then docker save";
    let told = |layers: Vec<u32>, is: &str, says: &str| {
        let first = *layers.first()?;
        let named = layers.iter().take(MAX_NAMED);
        let evidence = named.map(|n| format!("layer {n}: {is}")).collect();
        let what = format!(
            "The blob of layer {first} is not what its manifest says: {is}. {ask}: {says}."
        );
        let location = context.image.location_in(None, Some(first));
        Some(Explanation::asks(what, evidence, fix).at(location))
    };
    let digests = told(
        digests,
        "it has another digest, and the right content",
        "content digest not found",
    );
    let packed = told(
        packed,
        "its media type is a plain tar's, and it is compressed",
        "invalid tar header",
    );
    digests.into_iter().chain(packed).collect()
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
        Refusal::UnderWhiteout => Explanation::new(
            format!(
                "Layer {layer} has {path} below a path that it hides first: the mark is no directory, \
                 and the engine refuses the layer."
            ),
            evidence,
            fix,
        ),
        Refusal::LeadsOut => Explanation::asks(
            format!(
                "Layer {layer} has something in {path}, behind a link of its own to what it has not. Is \
                 it loaded into Docker's classic store, as before 29? That unpacks each layer alone, \
                 and refuses it: no such file or directory."
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
        Refusal::UnderWhiteout => format!("{at}: /{}, below a whiteout", one.path),
        Refusal::LeadsOut => format!("{at}: /{}, through a link that leads out", one.path),
        Refusal::Twice => format!("{at}: /{} twice", one.path),
    }
}

#[cfg(test)]
mod tests {
    use crate::image::Mislabelled;
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
        // Another mark implies the directory, or it is the same mark.
        for marks in [["a/.wh.b", ".wh.a"], [".wh.a", ".wh.a"]] {
            let marks = marks.map(|mark| Make::File(mark, b""));
            assert_eq!(over(&marks), ["will not start"]);
        }
        assert_eq!(
            over(&[hides(), Make::File("a/b", b"2")]),
            ["will not start"]
        );
        let out = [Make::Link("l", "nowhere"), Make::File("l/x", b"2")];
        assert_eq!(over(&out), ["advice"]);
        let within = [
            Make::Dir("d"),
            Make::Link("l", "d"),
            Make::File("l/x", b"2"),
        ];
        assert_eq!(over(&within), NOTHING);
        let twice = [Make::File("b", b"1"), Make::File("b", b"2")];
        assert_eq!(over(&twice), ["advice"]);
    }

    #[test]
    fn a_blob_that_is_not_what_its_manifest_says_is_a_question() {
        let elf = elf();
        let layer = tar(&[Make::Mode("app", 0o755, &elf)]);
        let told = |mislabelled| {
            let mut inspection = layered(&app(), std::slice::from_ref(&layer));
            inspection.image.layers[0].mislabelled = mislabelled;
            let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
            let found = found
                .iter()
                .filter(|finding| finding.rule.id == "layer-refused");
            let found = found.map(|finding| (finding.severity.words(), finding.what.clone()));
            found.collect::<Vec<_>>()
        };
        let as_it_says = Mislabelled::default();
        assert!(told(as_it_says).is_empty());
        let digest = told(Mislabelled {
            digest: true,
            ..as_it_says
        });
        assert!(
            matches!(&*digest, [("advice", what)] if what.contains("another digest")),
            "{digest:?}"
        );
        let plain = told(Mislabelled {
            plain: true,
            ..as_it_says
        });
        assert!(
            matches!(&*plain, [("advice", what)] if what.contains("plain tar")),
            "{plain:?}"
        );
    }
}
