//! What lies in layers.

use crate::preflight::testing::*;
use crate::preflight::{Rule, TargetPlatform, preflight};

#[test]
fn secrets_and_git_are_told_with_their_layer_even_where_hidden() {
    let elf = elf();
    let base = tar(&[
        Make::Mode("app", 0o755, &elf),
        Make::File("src/.env", b"API_TOKEN=not-a-token\n"),
        Make::File("src/.git/HEAD", b"ref: x"),
    ]);
    let inspection = layered(&app(), &[base, tar(&[Make::File(".wh.src", b"")])]);
    let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::RunsAsRoot, Rule::Secret, Rule::GitDirectory]);
    assert!(found[1].evidence[0].contains("/src/.env"), "{found:?}");
    assert!(
        found[1].evidence[0].contains("hidden by a later layer"),
        "{found:?}"
    );
    assert_eq!(
        found[1]
            .location
            .as_ref()
            .and_then(|location| location.layer),
        Some(1)
    );
    // Its content is nobody's business.
    assert!(!format!("{found:?}").contains("not-a-token"));
}

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

#[test]
fn secrets_of_the_environment_are_named_and_never_told() {
    let elf = elf();
    let env = ["API_KEY=sk_live_51H8", "PATH=/bin", "DB_PASSWORD=$(cat x)"];
    let config = serde_json::json!({ "Entrypoint": ["/app"], "User": "1", "Env": env });
    let inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
    let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
    let secrets: Vec<_> = found.iter().filter(|f| f.rule == Rule::Secret).collect();
    assert_eq!(secrets.len(), 1, "{found:?}");
    assert_eq!(secrets[0].evidence, ["ENV API_KEY=…"]);
    assert!(!format!("{found:?}").contains("sk_live"));
}
