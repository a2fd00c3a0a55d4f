//! The rules, one file each: what is wrong, how one sees it, what to change, and the tests.
//!
//! A file `rules/some_rule.rs` with a `RULE` of the id `some-rule` is a rule: `build.rs` lists this
//! folder. What several rules look at is worked out once, in [`RuleContext`](super::RuleContext)
//! and the modules beside this one.

use super::Rule;

/// What rules are written in.
mod prelude {
    pub(super) use crate::binary::linked::Ability;
    pub(super) use crate::entrypoint::{ImageContext, Right, Role};
    pub(super) use crate::image::tree::NodeId;
    pub(super) use crate::preflight::evidence::{first, named};
    pub(super) use crate::preflight::go_binary::GoBinary;
    pub(super) use crate::preflight::start::{FailedStart, StartError};
    pub(super) use crate::preflight::{Check, Explanation, Rule, RuleContext, Severity};
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

// A target directory that went to another checkout would silently compile the first one's rules.
const _: () = assert!(
    same(LISTED_IN, env!("CARGO_MANIFEST_DIR")),
    "the rules were listed in another checkout: run `cargo clean -p analysis` first"
);

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Every rule, in the order of lists and reports.
pub(super) static ALL: [&Rule; FOUND.len()] = in_order(FOUND);

/// By insertion: there is no `sort` before the program runs.
const fn in_order<const N: usize>(mut rules: [&'static Rule; N]) -> [&'static Rule; N] {
    let mut sorted = 1;
    while sorted < N {
        let mut at = sorted;
        while at > 0 && rules[at - 1].order > rules[at].order {
            rules.swap(at - 1, at);
            at -= 1;
        }
        sorted += 1;
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_its_own_id_and_its_own_place() {
        let ids: BTreeSet<_> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for pair in ALL.windows(2) {
            assert!(pair[0].order < pair[1].order, "{} and {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn every_file_is_named_after_its_rule() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/preflight/rules");
        for rule in ALL {
            let file = format!("{folder}/{}.rs", rule.id.replace('-', "_"));
            assert!(std::path::Path::new(&file).is_file(), "{file}");
            assert!(!rule.checks.is_empty() && !rule.title.is_empty(), "{rule}");
        }
    }
}
