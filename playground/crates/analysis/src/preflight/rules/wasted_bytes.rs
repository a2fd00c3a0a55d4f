//! Later layers overwrite or delete what earlier ones carry: pulled and stored all the same.
//!
//! Source: the layers' entries, and their whiteouts (OCI image spec, `layer.md`).

use super::prelude::*;
use crate::image::changes::{Wasted, changes};

pub(super) static RULE: Rule = Rule {
    order: 320,
    id: "wasted-bytes",
    title: "Layers carry files that nobody can reach",
    page: Some("museum/fat-context.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(check)],
};

/// Files that a finding names.
const MAX_NAMED: usize = 10;
/// Bytes that nobody can reach from which on it is worth a word, or a share of all (percent) and
/// fewer bytes.
const MIN_WASTED: u64 = 1_000_000;
const MIN_SHARE: (u64, u64) = (5, 100_000);

fn check(context: &RuleContext<'_>) -> Option<Explanation> {
    let image = &context.image.inspection.image;
    let changes = changes(image, context.image.tree);
    let (wasted, total) = (changes.wasted_bytes, changes.total_bytes);
    let (share, least) = MIN_SHARE;
    let much = wasted >= MIN_WASTED
        || wasted >= least && wasted.saturating_mul(100) >= total.saturating_mul(share);
    if !much {
        return None;
    }
    let say = |it: &Wasted| {
        let path = image.entry(it.id).map_or("", |entry| &entry.path);
        let (layer, by) = (it.id.layer + 1, it.by + 1);
        format!(
            "/{path}: {} bytes of layer {layer}, gone in layer {by}",
            it.bytes
        )
    };
    let largest = changes.wasted.first()?.id;
    let path = image.entry(largest).map(|entry| format!("/{}", entry.path));
    let finding = Explanation::new(
        format!(
            "{:.2} MB, {:.1} % of all files, are overwritten or deleted by later layers. They are \
             pulled and stored all the same.",
            wasted as f64 / 1e6,
            wasted as f64 * 100.0 / total.max(1) as f64
        ),
        changes.wasted.iter().take(MAX_NAMED).map(say).collect(),
        "delete in the RUN that makes it; or COPY the result into a stage of its own",
    );
    Some(finding.at(context.image.location_in(path, Some(largest.layer + 1))))
}

#[cfg(test)]
mod tests {
    use crate::preflight::TargetPlatform;
    use crate::preflight::testing::*;

    #[test]
    fn wasted_bytes_are_told_from_a_megabyte_or_a_twentieth_on() {
        let elf = elf();
        let run = |wasted: usize, kept: usize| {
            let (gone, stays) = (vec![1; wasted], vec![2; kept]);
            let base = tar(&[
                Make::Mode("app", 0o755, &elf),
                Make::File("gone", &gone),
                Make::File("stays", &stays),
            ]);
            let inspection = layered(&app(), &[base, tar(&[Make::File(".wh.gone", b"")])]);
            said(&inspection, &TargetPlatform::default())
        };
        assert_eq!(run(1_000_000, 30_000_000), ["advice: wasted-bytes"]);
        assert_eq!(run(200_000, 1_000_000), ["advice: wasted-bytes"]);
        assert_eq!(run(200_000, 9_000_000), [""; 0]);
        assert_eq!(run(50_000, 0), [""; 0]);
    }
}
