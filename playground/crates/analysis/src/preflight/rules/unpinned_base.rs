//! An image that this one was built from is named by a tag, which its maker may move.
//!
//! Source: the builder's provenance (SLSA), or the labels `org.opencontainers.image.base.*`.

use super::prelude::*;
use crate::image::provenance::{Material, Part, Pin};

pub(super) static RULE: Rule = Rule {
    order: 280,
    id: "unpinned-base",
    title: "The base image is not pinned",
    page: None,
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

/// Images that a finding names.
const MAX_NAMED: usize = 10;

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let materials = &context.image.inspection.image.provenance.materials;
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
    Some(Explanation::new(what, evidence.collect(), fix))
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
    match material.pin {
        Pin::Unknown => format!("label org.opencontainers.image.base.name: {name}"),
        _ => format!("the builder's provenance: {name}, without a digest"),
    }
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use serde_json::json;

    const DIGEST: &str = "sha256:1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c";

    #[test]
    fn a_base_by_tag_is_not_pinned() {
        let elf = elf();
        let run = |name: &str, digest: Option<&str>| {
            let mut labels = json!({ "org.opencontainers.image.base.name": name });
            if let Some(digest) = digest {
                labels["org.opencontainers.image.base.digest"] = digest.into();
            }
            let config = json!({ "Cmd": ["/app"], "Labels": labels });
            found(&config, &[Make::Mode("app", 0o755, &elf)])
        };
        let not = ["advice: unpinned-base"];
        assert_eq!(run("localhost:5000/base", None), not);
        assert_eq!(run("docker.io/library/alpine:3.20", None), not);
        assert_eq!(run("alpine:latest", Some(DIGEST)), not);
        assert_eq!(run("alpine:3.20", Some(DIGEST)), [""; 0]);
        assert_eq!(run(&format!("alpine:3.20@{DIGEST}"), None), [""; 0]);
    }
}
