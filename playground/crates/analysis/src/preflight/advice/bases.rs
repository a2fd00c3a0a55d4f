//! How the images were named that this one was built from, where provenance or labels tell.

use super::advice;
use crate::entrypoint::ImageContext;
use crate::image::provenance::{Material, Part, Pin, Teller};
use crate::preflight::finding::Finding;
use crate::preflight::rule::Rule;

/// Images that a finding names.
const MAX_NAMED: usize = 10;

pub(super) fn pinning(context: &ImageContext<'_>) -> Option<Finding> {
    let materials = &context.inspection.image.provenance.materials;
    let bases = materials.iter().filter(|it| it.part == Part::Base);
    let loose: Vec<_> = bases.filter(|it| moves(it)).collect();
    let first = loose.first()?;
    let name = name(first);
    let what = match first.tag.as_deref() {
        None | Some("latest") => {
            format!("It is built from {name}: whatever that is on the day of the build.")
        }
        Some(_) => format!("It is built from {name}, a tag that its maker may move."),
    };
    let evidence = loose.iter().take(MAX_NAMED).map(|it| said(it));
    let digest = first.digest.as_deref().unwrap_or("sha256:…");
    let fix = format!("FROM {name}@{digest}, and a bot that renews it");
    Some(advice(Rule::UnpinnedBase, what, evidence.collect(), fix))
}

/// Labels do not tell how it was asked for; with a digest beside it, the benefit of the doubt.
fn moves(material: &Material) -> bool {
    match material.pin {
        Pin::Digest => false,
        Pin::Tag => true,
        Pin::Unknown => material.digest.is_none() || material.tag.as_deref() == Some("latest"),
    }
}

fn name(material: &Material) -> String {
    match &material.tag {
        Some(tag) => format!("{}:{tag}", material.name),
        None => material.name.clone(),
    }
}

fn said(material: &Material) -> String {
    let name = name(material);
    match material.told_by {
        Teller::Attestation => format!("the builder's provenance: {name}, without a digest"),
        Teller::Label => format!("label org.opencontainers.image.base.name: {name}"),
    }
}
