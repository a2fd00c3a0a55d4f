//! The environment or a layer holds what looks like a secret. Its value is never told.
//!
//! Source: names and first bytes of files, in every layer, whether or not a container still sees them.

use super::prelude::*;
use crate::image::notable::{self, InLayer, Secret, names_a_secret};
use crate::preflight::evidence::hidden;

pub(super) static RULE: Rule = Rule {
    order: 300,
    id: "secret",
    title: "A layer holds what looks like a secret",
    page: Some("museum/fat-context.html"),
    severity: Severity::Advice,
    checks: &[Check::Image(environment), Check::Each(layers)],
};

/// Files that a finding names.
const MAX_NAMED: usize = 10;

/// Values that the image's config hands to every container, and shows to whoever has it.
fn environment(context: &RuleContext<'_>) -> Option<Explanation> {
    let env = context.image.runtime.env.iter();
    let pairs = env.filter(|pair| names_a_secret(pair));
    // Never the value.
    let names = pairs.map(|pair| pair.split('=').next().unwrap_or_default());
    let names = names.take(MAX_NAMED);
    let evidence: Vec<String> = names.map(|name| format!("ENV {name}=…")).collect();
    if evidence.is_empty() {
        return None;
    }
    let finding = Explanation::new(
        "The image's environment holds what looks like secrets. `docker image inspect` shows them \
         to whoever has it.",
        evidence,
        "hand them over when it is run: --env, a secret of the cluster; while it is built: RUN \
         --mount=type=secret",
    );
    Some(finding.at(context.image.location_in(None, None)))
}

/// One finding for each layer.
fn layers(context: &RuleContext<'_>) -> Vec<Explanation> {
    let image = &context.image;
    let all = notable::secrets(&image.inspection.image, image.tree, &image.inspection.seen);
    let layers = all.chunk_by(|one, next| one.layer == next.layer);
    let told = layers.map(|secrets| {
        let (path, layer) = (secrets[0].path.clone(), secrets[0].layer);
        let some = match secrets.len() {
            1 => "a secret",
            _ => "secrets",
        };
        let told = Explanation::new(
            format!(
                "Layer {layer} holds what looks like {some}. Whoever pulls the image has it; a \
                 later layer that deletes it only hides it."
            ),
            first(secrets.iter().map(said).collect(), MAX_NAMED),
            "name it in .dockerignore, hand it over with RUN --mount=type=secret, and replace it \
             by a new one",
        );
        told.at(image.location_in(Some(path), Some(layer)))
    });
    told.collect()
}

fn said(secret: &InLayer<Secret>) -> String {
    let kind = match secret.what {
        Secret::PrivateKey => "a private key",
        Secret::Environment => "passwords or tokens in the form of .env",
        Secret::Cloud => "credentials of a cloud",
        Secret::Tool => "credentials of a registry, index or repository",
    };
    format!("{}: {kind}{}", secret.path, hidden(secret))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::preflight::testing::*;
    use crate::preflight::{TargetPlatform, preflight};

    #[test]
    fn secrets_are_told_with_their_layer_even_where_hidden() {
        let elf = elf();
        let base = tar(&[
            Make::Mode("app", 0o755, &elf),
            Make::File("src/.env", b"API_TOKEN=not-a-token\n"),
        ]);
        let inspection = layered(&app(), &[base, tar(&[Make::File(".wh.src", b"")])]);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        let rules: Vec<_> = found.iter().map(|finding| finding.rule.id).collect();
        assert_eq!(rules, ["runs-as-root", "secret"]);
        assert!(found[1].evidence[0].contains("/src/.env"), "{found:?}");
        assert!(
            found[1].evidence[0].contains("hidden by a later layer"),
            "{found:?}"
        );
        let layer = found[1]
            .location
            .as_ref()
            .and_then(|location| location.layer);
        assert_eq!(layer, Some(1));
        // Its content is nobody's business.
        assert!(!format!("{found:?}").contains("not-a-token"));
    }

    #[test]
    fn secrets_of_the_environment_are_named_and_never_told() {
        let elf = elf();
        let env = ["API_KEY=sk_live_51H8", "PATH=/bin", "DB_PASSWORD=$(cat x)"];
        let config = serde_json::json!({ "Entrypoint": ["/app"], "User": "1", "Env": env });
        let inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        let secrets: Vec<_> = found.iter().filter(|f| f.rule == &RULE).collect();
        assert_eq!(secrets.len(), 1, "{found:?}");
        assert_eq!(secrets[0].evidence, ["ENV API_KEY=…"]);
        assert!(!format!("{found:?}").contains("sk_live"));
    }
}
