//! Why modules could not be fetched: they lie elsewhere, ask for credentials or another Go, or no network
//! leads to them. Pure.

use super::{last_lines, pattern, telling};
use crate::adopt::gomod::{GoMod, join};
use crate::adopt::report::Unmended;
use crate::adopt::tree::WorkingTree;
use regex::Regex;
use std::sync::LazyLock;

static REPLACED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"go: (\S+?)(?:@\S+)? \(replaced by (\.\S*)\): reading \S+: open [^\n]*no such file")
});
static PRIVATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:could not read Username|terminal prompts disabled|Permission denied \(publickey\)|404 Not Found|410 Gone|403 Forbidden|unrecognized import path|Repository not found|repository .* not found|unknown revision)",
    )
});

/// The count of what has come, which says nothing of what has not.
static COUNT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*\d+ answers\s*$\n?"));

/// Why modules could not be fetched.
pub(in crate::adopt) fn why_not_fetched(
    said: &str,
    module: &GoMod,
    tree: &WorkingTree,
) -> Unmended {
    let said = &*COUNT.replace_all(said, "");
    let said_last = last_lines(said);
    if let [outside, ..] = module.outside.as_slice() {
        return Unmended {
            what: format!("go.mod replaces a module by {outside}, which lies outside of the tree."),
            page: None,
            next: "point adopt at the folder that holds both".into(),
            said: said_last,
        };
    }
    if let Some(found) = REPLACED.captures(said) {
        return Unmended {
            what: format!(
                "go.mod replaces {} by {}, and the tree has no such folder.",
                &found[1], &found[2]
            ),
            page: None,
            next: match tree.submodule(&join(&module.dir, found[2].trim_start_matches("./"))) {
                Some(_) => "git submodule update --init --recursive, and run adopt again",
                None => "adopt a whole clone: an archive of one module leaves out the others of its repository",
            }
            .into(),
            said: said_last,
        };
    }
    if said.contains("(running go ") {
        return Unmended {
            what: format!("It asks for another Go: {}", telling(said)),
            page: Some("museum/toolchain-too-old.html".into()),
            next: "set go_newest in playground/bases/bases.toml, or lower the go line".into(),
            said: said_last,
        };
    }
    let refused = said.lines().find(|line| PRIVATE.is_match(line));
    let (what, next) = match refused {
        // What Go could fetch after all stands before it.
        Some(line) => (
            format!(
                "A module cannot be fetched without credentials, or is not there: {}",
                telling(line)
            ),
            "go mod vendor where you have access: adopt takes vendor as it is, and needs no credentials",
        ),
        None => (
            format!("The modules cannot be fetched: {}", telling(said)),
            "see that this engine reaches proxy.golang.org, or set GOPROXY; go mod vendor does without",
        ),
    };
    Unmended {
        what,
        page: Some("museum/private-modules.html".into()),
        next: next.into(),
        said: said_last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::tree::testing::tree;

    #[test]
    fn a_replaced_module_that_is_not_in_the_tree_is_no_matter_of_networks() {
        let said = "go: a.test/m/api/v2@v2.2.0 (replaced by ./api/v2): reading api/v2/go.mod: open \
                    /src/api/v2/go.mod: no such file or directory";
        let unmended = why_not_fetched(said, &GoMod::default(), &tree(&[]));
        assert!(unmended.what.contains("a.test/m/api/v2 by ./api/v2"));
        assert!(unmended.next.contains("whole clone"));
    }

    #[test]
    fn the_module_that_is_refused_is_named_whatever_came_before() {
        let refused =
            "go: a.test/x@v1.0.0: reading https://proxy.test/a.test/x/@v/v1.0.0.mod: 403 Forbidden";
        let said = format!(
            "executor failed running [/bin/sh -c x]: exit code: 1\n20 answers\n40 answers\n\
             go: downloading b.test/y v1.0.0\n{refused}\n"
        );
        let unmended = why_not_fetched(&said, &GoMod::default(), &tree(&[]));
        assert!(unmended.what.ends_with(refused), "{}", unmended.what);
        let counted = |line: &String| line.contains("answers");
        assert!(!unmended.said.iter().any(counted), "{:?}", unmended.said);
        let said = "exit code: 1\n20 answers\ngo: x: dial tcp: lookup proxy.test: no such host\n";
        let unmended = why_not_fetched(said, &GoMod::default(), &tree(&[]));
        assert!(unmended.what.contains("no such host"), "{}", unmended.what);
    }

    #[test]
    fn modules_that_want_credentials_are_told_apart_from_networks() {
        let private =
            "go: git.corp.test/x@v1: fatal: could not read Username for 'https://git.corp.test'";
        let unmended = why_not_fetched(private, &GoMod::default(), &tree(&[]));
        assert!(unmended.what.contains("without credentials") && unmended.next.contains("vendor"));
        let network = "dial tcp: lookup proxy.golang.org: no such host";
        assert!(
            why_not_fetched(network, &GoMod::default(), &tree(&[]))
                .next
                .contains("GOPROXY")
        );
    }
}
