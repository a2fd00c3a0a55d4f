//! A layer that engines refuse to unpack: a hard link in it comes before the file that it names, or
//! names one that only a lower layer has.
//!
//! Source: `createTarFile` in moby's and containerd's archive packages, which unpack each layer into
//! a directory of its own, in the order of its tar.

use super::prelude::*;
use crate::image::tree::LateLink;

pub(super) static RULE: Rule = Rule {
    order: 5,
    id: "layer-refused",
    title: "The engine refuses a layer",
    page: None,
    severity: Severity::WillNotStart,
    checks: &[Check::Image(check)],
};

/// Links that a finding names.
const MAX_NAMED: usize = 10;

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let image = &context.image;
    let links = image.tree.late_links();
    let first = links.first()?;
    let say = |link: &LateLink<'_>| {
        format!(
            "layer {}: hard link /{} to /{}",
            link.layer + 1,
            link.path,
            link.target
        )
    };
    let told = Explanation::new(
        format!(
            "/{} is a hard link to /{}, which layer {} does not have before it. The engine unpacks \
             each layer alone and in its order, and refuses this one: no such file or directory.",
            first.path,
            first.target,
            first.layer + 1
        ),
        links.iter().take(MAX_NAMED).map(say).collect(),
        "build the image anew with an engine or with tar: the file first, its links behind it, all \
         in one layer",
    );
    Some(told.at(image.location_in(Some(format!("/{}", first.path)), Some(first.layer + 1))))
}

#[cfg(test)]
mod tests {
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    fn told(layers: &[Vec<u8>]) -> Vec<String> {
        let inspection = layered(&app(), layers);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        let found = found.iter().map(|finding| finding.rule.to_string());
        found
            .filter(|rule| rule.contains("layer-refused"))
            .collect()
    }

    #[test]
    fn hard_links_come_behind_their_file_in_its_layer() {
        let elf = elf();
        let file = || Make::Mode("app", 0o755, &elf);
        let link = || Make::HardMode("link", 0o755, "app");
        assert_eq!(told(&[tar(&[file(), link()])]).len(), 0);
        assert_eq!(told(&[tar(&[link(), file()])]).len(), 1);
        assert_eq!(told(&[tar(&[file()]), tar(&[link()])]).len(), 1);
    }
}
