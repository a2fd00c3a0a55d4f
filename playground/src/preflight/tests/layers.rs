//! What lies in layers.

use crate::preflight::testing::*;
use crate::preflight::{Here, Rule, preflight};

#[test]
fn secrets_and_git_are_told_with_their_layer_even_where_hidden() {
    let elf = elf();
    let base = tar(&[
        Make::Mode("app", 0o755, &elf),
        Make::File("src/.env", b"API_TOKEN=not-a-token\n"),
        Make::File("src/.git/HEAD", b"ref: x"),
    ]);
    let inspection = layered(&app(), &[base, tar(&[Make::File(".wh.src", b"")])]);
    let found = preflight(&inspection, &Here::default()).expect("a tree");
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::RunsAsRoot, Rule::Secret, Rule::GitDirectory]);
    assert!(found[1].evidence[0].contains("/src/.env"), "{found:?}");
    assert!(
        found[1].evidence[0].contains("hidden by a later layer"),
        "{found:?}"
    );
    assert_eq!(
        found[1].place.as_ref().and_then(|place| place.layer),
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
        said(&inspection, &Here::default())
    };
    assert_eq!(run(1_000_000, 30_000_000), ["advice: wasted-bytes"]);
    assert_eq!(run(200_000, 1_000_000), ["advice: wasted-bytes"]);
    assert_eq!(run(200_000, 9_000_000), [""; 0]);
    assert_eq!(run(50_000, 0), [""; 0]);
}
