//! What lies in layers, whether or not a container still sees it.

use super::finding::{Finding, Severity};
use super::rule::Rule;
use crate::entrypoint::ImageContext;
use crate::image::changes::{Wasted, changes};
use crate::image::notable::{self, InLayer, Secret, names_a_secret};
use std::collections::BTreeMap;

/// Files that a finding names.
const MAX_NAMED: usize = 10;
/// Bytes that nobody can reach from which on it is worth a word, or a share of all and fewer.
const MIN_WASTED: u64 = 1_000_000;
const MIN_SHARE: (u64, u64) = (5, 100_000);

pub(super) fn find(context: &ImageContext<'_>, found: &mut Vec<Finding>) {
    found.extend(environment(context));
    secrets(context, found);
    git(context, found);
    found.extend(wasted(context));
}

/// Values that the image's config hands to every container, and shows to whoever has it.
fn environment(context: &ImageContext<'_>) -> Option<Finding> {
    let names = context
        .runtime
        .env
        .iter()
        .filter(|pair| names_a_secret(pair));
    // Never the value.
    let names = names.map(|pair| pair.split('=').next().unwrap_or_default());
    let evidence: Vec<String> = names
        .take(MAX_NAMED)
        .map(|name| format!("ENV {name}=…"))
        .collect();
    if evidence.is_empty() {
        return None;
    }
    Some(Finding {
        rule: Rule::Secret,
        severity: Severity::Advice,
        what: "The image's environment holds what looks like secrets. `docker image inspect` \
               shows them to whoever has it."
            .into(),
        when: None,
        evidence,
        fix: "hand them over when it is run: --env, a secret of the cluster; while it is built: \
              RUN --mount=type=secret"
            .into(),
        location: Some(context.location_in(None, None)),
    })
}

/// One finding for each layer.
fn secrets(context: &ImageContext<'_>, found: &mut Vec<Finding>) {
    let image = &context.inspection.image;
    let all = notable::secrets(image, context.tree, &context.inspection.seen);
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
        let more = evidence.len().saturating_sub(MAX_NAMED);
        evidence.truncate(MAX_NAMED);
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
            location: Some(context.location_in(first, Some(layer))),
        });
    }
}

fn hidden<T>(thing: &InLayer<T>) -> &'static str {
    match thing.visible {
        true => "",
        false => ", hidden by a later layer",
    }
}

fn git(context: &ImageContext<'_>, found: &mut Vec<Finding>) {
    let all = notable::git_directories(&context.inspection.image, context.tree);
    found.extend(all.into_iter().take(MAX_NAMED).map(|git| {
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
            location: Some(context.location_in(Some(path.clone()), Some(git.id.layer))),
        }
    }));
}

fn wasted(context: &ImageContext<'_>) -> Option<Finding> {
    let image = &context.inspection.image;
    let changes = changes(image, context.tree);
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
    let largest = changes.wasted.first()?;
    Some(Finding {
        rule: Rule::WastedBytes,
        severity: Severity::Advice,
        what: format!(
            "{:.2} MB, {:.1} % of all files, are overwritten or deleted by later layers. They are \
             pulled and stored all the same.",
            wasted as f64 / 1e6,
            wasted as f64 * 100.0 / total.max(1) as f64
        ),
        when: None,
        evidence: changes.wasted.iter().take(MAX_NAMED).map(say).collect(),
        fix: "delete in the RUN that makes it; or COPY the result into a stage of its own".into(),
        location: Some(
            context.location_in(
                image
                    .entry(largest.id)
                    .map(|entry| format!("/{}", entry.path)),
                Some(largest.id.layer),
            ),
        ),
    })
}
