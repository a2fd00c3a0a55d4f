//! What lies in layers, whether or not a container still sees it.

use super::finding::{Finding, Severity};
use super::rule::Rule;
use super::scene::Scene;
use crate::image::changes::{Wasted, changes};
use crate::image::stands_out::{self, InLayer, Secret};
use std::collections::BTreeMap;

/// Files that a finding names.
const MOST_NAMED: usize = 10;
/// Bytes that nobody can reach from which on it is worth a word, or a share of all and fewer.
const LEAST_WASTED: u64 = 1_000_000;
const LEAST_SHARE: (u64, u64) = (5, 100_000);

pub(super) fn find(scene: &Scene<'_>, found: &mut Vec<Finding>) {
    secrets(scene, found);
    git(scene, found);
    found.extend(wasted(scene));
}

/// One finding for each layer.
fn secrets(scene: &Scene<'_>, found: &mut Vec<Finding>) {
    let image = &scene.inspection.image;
    let all = stands_out::secrets(image, scene.tree, &scene.inspection.seen);
    let mut layers: BTreeMap<u32, Vec<&InLayer<Secret>>> = BTreeMap::new();
    for secret in &all {
        layers.entry(secret.id.layer).or_default().push(secret);
    }
    for (layer, secrets) in layers {
        let say = |secret: &&InLayer<Secret>| {
            let kind = match secret.what {
                Secret::PrivateKey => "a private key",
                Secret::Environment => "passwords or tokens in the form of .env",
                Secret::Cloud => "credentials of a cloud",
                Secret::Tool => "credentials of a registry, index or repository",
            };
            format!("{}: {kind}{}", secret.path, hidden(secret))
        };
        let mut evidence: Vec<_> = secrets.iter().map(say).collect();
        let more = evidence.len().saturating_sub(MOST_NAMED);
        evidence.truncate(MOST_NAMED);
        evidence.extend((more > 0).then(|| format!("and {more} more")));
        let first = secrets.first().map(|secret| secret.path.clone());
        let what = format!(
            "Layer {} holds what looks like {}. Whoever pulls the image has it; a later layer \
             that deletes it only hides it.",
            layer + 1,
            if secrets.len() == 1 {
                "a secret"
            } else {
                "secrets"
            }
        );
        found.push(Finding {
            rule: Rule::Secret,
            severity: Severity::Advice,
            what,
            when: None,
            evidence,
            fix: "name it in .dockerignore, hand it over with RUN --mount=type=secret, and \
                  replace it by a new one"
                .into(),
            place: Some(scene.place_in(first, Some(layer))),
        });
    }
}

fn hidden<T>(thing: &InLayer<T>) -> &'static str {
    match thing.visible {
        true => "",
        false => ", hidden by a later layer",
    }
}

fn git(scene: &Scene<'_>, found: &mut Vec<Finding>) {
    let all = stands_out::git_directories(&scene.inspection.image, scene.tree);
    found.extend(all.into_iter().take(MOST_NAMED).map(|git| {
        let path = &git.path;
        Finding {
            rule: Rule::GitDirectory,
            severity: Severity::Advice,
            what: format!(
                "Layer {} holds {path}: the whole history of the sources, {} bytes{}.",
                git.id.layer + 1,
                git.what,
                hidden(&git)
            ),
            when: None,
            evidence: vec![format!("{path}/HEAD")],
            fix: "write .git into .dockerignore, or COPY by name".into(),
            place: Some(scene.place_in(Some(path.clone()), Some(git.id.layer))),
        }
    }));
}

fn wasted(scene: &Scene<'_>) -> Option<Finding> {
    let image = &scene.inspection.image;
    let changes = changes(image, scene.tree);
    let (wasted, total) = (changes.wasted_bytes, changes.total_bytes);
    let (share, least) = LEAST_SHARE;
    let much = wasted >= LEAST_WASTED
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
    let largest = changes.wasted.first()?;
    Some(Finding {
        rule: Rule::WastedBytes,
        severity: Severity::Advice,
        what: format!(
            "{}.{} MB, {} % of all files, are overwritten or deleted by later layers. They are \
             pulled and stored all the same.",
            wasted / 1_000_000,
            wasted % 1_000_000 / 100_000,
            wasted.saturating_mul(100) / total.max(1)
        ),
        when: None,
        evidence: changes.wasted.iter().take(MOST_NAMED).map(say).collect(),
        fix: "delete in the RUN that makes it; or COPY the result into a stage of its own".into(),
        place: Some(
            scene.place_in(
                image
                    .entry(largest.id)
                    .map(|entry| format!("/{}", entry.path)),
                Some(largest.by),
            ),
        ),
    })
}
