//! Modules that are older than the compiler: what they need to be told, and how they are named.
//! Pure.

use super::pattern;
use regex::Regex;
use std::sync::LazyLock;

/// Tags with which modules that much is built upon keep what a newer Go took from them: what the
/// compiler says then, the tag, and why.
const KEEPS: [(&str, &str, &str); 1] = [(
    r"(?m)^(?:[^\n]*[/\s])?(?:go/pkg/mod|vendor)/[^\n]*undefined: http2\.\w+",
    "http2legacy",
    "golang.org/x/net/http2 hands over to net/http from Go 1.27, and this version of it lacks names then",
)];

static OF_A_MODULE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^\s*(?:/go/pkg/mod|\.\./go/pkg/mod|vendor)/(\S+?)\.go:\d+:\d+: ([^\n]+)")
});

/// The tag that gives a module back what it lacks with this compiler, and why.
pub(super) fn keeping(said: &str) -> Option<(&'static str, &'static str)> {
    let found = KEEPS
        .iter()
        .find(|(words, ..)| pattern(words).is_match(said));
    found.map(|(_, tag, why)| (*tag, *why))
}

/// Code of another module that does not compile: its file, and what the compiler says.
pub(super) fn of_a_module(said: &str) -> Option<(String, String)> {
    let found = OF_A_MODULE.captures(said)?;
    let short = |text: &str| text.chars().take(200).collect::<String>();
    Some((short(&found[1]) + ".go", short(&found[2])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_go_took_away_is_given_back_by_a_tag() {
        let said = "# google.golang.org/grpc/internal/transport\n/go/pkg/mod/google.golang.org/grpc@v1.81.1/\
                    internal/transport/handler_server.go:271:18: undefined: http2.TrailerPrefix\n";
        assert_eq!(keeping(said).map(|(tag, _)| tag), Some("http2legacy"));
        let vendored = "vendor/google.golang.org/grpc/x.go:7:2: undefined: http2.TrailerPrefix";
        assert!(keeping(vendored).is_some());
        assert_eq!(keeping("main.go:1:1: undefined: other.Thing"), None);
        let own =
            "vendor/a.test/b/b.go:1:1: undefined: b.X\ninternal/x.go:7:2: undefined: http2.Own";
        assert_eq!(keeping(own), None, "a package of theirs that is called so");
        let (file, told) = of_a_module(said).expect("of a module");
        assert!(file.starts_with("google.golang.org/grpc@v1.81.1/") && file.ends_with("server.go"));
        assert_eq!(told, "undefined: http2.TrailerPrefix");
        assert_eq!(of_a_module("./main.go:7:2: undefined: oops"), None);
    }
}
