//! What a `.dockerignore` holds back from the build context.
//!
//! Semantics as Docker documents them ("Build context", section ".dockerignore files",
//! docs.docker.com/build/concepts/context) and its CLI carries them out: Go's
//! `filepath.Match` plus `**`, the last matching line decides, and a pattern that matches
//! a folder matches everything in it. We apply it because the engine only does so for
//! clients that let it walk their disk. One difference: `Dockerfile` and `.dockerignore`
//! are always sent, as the CLI does, but here a `COPY . .` can see them.

use regex::Regex;

/// A parsed `.dockerignore`.
#[derive(Debug, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    keeps: bool,
    pattern: Regex,
}

impl Ignore {
    /// Reads the file's text.
    ///
    /// # Errors
    /// The line (from 1) and the pattern that cannot be understood.
    pub fn parse(text: &str) -> Result<Ignore, (u32, String)> {
        let mut rules = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, raw) in (1..).zip(text.lines()) {
            if raw.starts_with('#') {
                continue;
            }
            let (keeps, pattern) = match raw.trim().strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, raw.trim()),
            };
            if pattern.is_empty() && !keeps {
                continue;
            }
            let cleaned = clean(pattern);
            let pattern = (!pattern.is_empty()).then(|| translate(&cleaned)).flatten();
            match pattern {
                Some(pattern) => rules.push(Rule { keeps, pattern }),
                None => return Err((line, raw.trim().to_owned())),
            }
        }
        Ok(Ignore { rules })
    }

    /// Whether the file at `path` stays behind.
    pub fn holds_back(&self, path: &str) -> bool {
        if ["Dockerfile", ".dockerignore"].contains(&path) {
            return false;
        }
        let mut held = false;
        for rule in &self.rules {
            // Only a rule that would turn the verdict around needs asking.
            if rule.keeps != held {
                continue;
            }
            let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
            if folders
                .chain([path])
                .any(|path| rule.pattern.is_match(path))
            {
                held = !rule.keeps;
            }
        }
        held
    }
}

/// Go's `filepath.Clean`, then without the leading slash: patterns are rooted anyway.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if pattern.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        ".".into()
    } else {
        parts.join("/")
    }
}

/// The pattern as a regular expression, which answers in linear time whatever a reader
/// writes; `None` where the pattern is malformed.
fn translate(pattern: &str) -> Option<Regex> {
    let mut regex = String::from(r"\A");
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                regex.push_str(if rest.peek().is_none() {
                    ".*"
                } else {
                    "(.*/)?"
                });
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '[' => class(&mut rest, &mut regex)?,
            '\\' => literal(rest.next()?, &mut regex),
            c => literal(c, &mut regex),
        }
    }
    regex.push_str(r"\z");
    Regex::new(&regex).ok()
}

/// `[a-z]` or `[^a-z]`, of which the opening bracket is read.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, regex: &mut String) -> Option<()> {
    regex.push('[');
    if rest.next_if_eq(&'^').is_some() {
        regex.push('^');
    }
    let member = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>, regex: &mut String| {
        let c = match rest.next()? {
            '\\' => rest.next()?,
            '-' | ']' => return None,
            c => c,
        };
        literal(c, regex);
        Some(())
    };
    loop {
        member(rest, regex)?;
        if rest.next_if_eq(&'-').is_some() {
            regex.push('-');
            member(rest, regex)?;
        }
        if rest.next_if_eq(&']').is_some() {
            regex.push(']');
            return Some(());
        }
    }
}

fn literal(c: char, regex: &mut String) {
    if c.is_ascii_punctuation() {
        regex.push('\\');
    }
    regex.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn held(text: &str, path: &str) -> bool {
        Ignore::parse(text).expect("a good file").holds_back(path)
    }

    /// The examples of Docker's documentation, and what its matcher does beside them.
    #[test]
    fn patterns_mean_what_docker_documents() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            // One pattern each: held back, sent.
            (
                "# comment\n*/temp*\n",
                &["somedir/temporary.txt", "somedir/temp", "a/temp/x"],
                &["temp", "a/b/temporary.txt", "# comment"],
            ),
            (
                "*/*/temp*",
                &["somedir/subdir/temporary.txt"],
                &["somedir/temporary.txt"],
            ),
            (
                "temp?",
                &["tempa", "tempb", "tempa/x"],
                &["temp", "tempab", "a/tempa"],
            ),
            (
                "**/*.go",
                &["a.go", "x/a.go", "x/y/a.go"],
                &["a.god", "x/a.txt"],
            ),
            (
                "*.md\n!README.md",
                &["a.md", "x.md"],
                &["README.md", "docs/a.md"],
            ),
            (
                "*.md\n!README*.md\nREADME-secret.md",
                &["a.md", "README-secret.md"],
                &["README.md", "README-x.md"],
            ),
            // The middle line has no effect, because !README*.md matches it and comes last.
            (
                "*.md\nREADME-secret.md\n!README*.md",
                &["a.md"],
                &["README.md", "README-secret.md"],
            ),
            (
                "/foo/bar",
                &["foo/bar", "foo/bar/x"],
                &["foo", "foo/baz", "x/foo/bar"],
            ),
            ("foo/bar", &["foo/bar"], &["x/foo/bar"]),
            ("./foo/./bar/", &["foo/bar/x"], &["foo/x"]),
            ("a/../foo", &["foo"], &["a/foo"]),
            ("/../foo", &["foo"], &["x/foo"]),
            ("  foo  \n\n\t\nbar\t", &["foo", "bar"], &["foo  ", "baz"]),
            (" # not a comment", &["# not a comment"], &["x"]),
            // For historical reasons, the pattern . is ignored.
            (".", &[], &["a", "a/b"]),
            (
                "*",
                &["a", "a/b", ".git/config"],
                &["Dockerfile", ".dockerignore"],
            ),
            ("*\n!a/keep", &["a/x", "b"], &["a/keep", "a/keep/below"]),
            (
                "*\n!*.go\n*_test.go",
                &["go.mod", "a_test.go", "x/y.go"],
                &["main.go"],
            ),
            ("! foo\n* ", &["foo"], &[]),
            ("*\n! foo", &["bar"], &["foo"]),
            (
                "Dockerfile\n.dockerignore",
                &[],
                &["Dockerfile", ".dockerignore"],
            ),
            ("Dockerfile", &[], &["Dockerfile"]),
            ("**", &["a", "a/b", ".x"], &[]),
            ("a/**", &["a/b", "a/b/c"], &["a", "ab"]),
            ("a/**/z", &["a/z", "a/b/z", "a/b/c/z"], &["a", "az", "a/zz"]),
            ("**/temp/**", &["temp/x", "a/temp/x"], &["temp", "a/temp"]),
            ("a[b-d]e", &["abe", "ade"], &["aae", "ae"]),
            ("a[^b-d]e", &["aae"], &["abe"]),
            ("a[\\-x]b", &["a-b", "axb"], &["ayb"]),
            ("a\\*b", &["a*b"], &["axb"]),
            ("a.b+(c)|{d}$^", &["a.b+(c)|{d}$^"], &["axb+(c)|{d}$^"]),
            ("\u{feff}foo", &["foo"], &[]),
            ("größe?", &["größe1", "größeß"], &["größe"]),
            ("foo\r\nbar\r\n", &["foo", "bar"], &[]),
        ];
        for (text, back, sent) in cases {
            for path in *back {
                assert!(held(text, path), "{text:?} must hold back {path:?}");
            }
            for path in *sent {
                assert!(!held(text, path), "{text:?} must send {path:?}");
            }
        }
    }

    #[test]
    fn malformed_patterns_are_named_with_their_line() {
        for bad in ["[a", "a[]", "a[b-]", "[-a]", "a\\", "!", "! "] {
            let text = format!("fine\n{bad}\n");
            assert_eq!(
                Ignore::parse(&text).err(),
                Some((2, bad.trim().to_owned())),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([\\PC]|[*?!/.\\[\\]\\\\#\n ^-]){0,40}", path in "[a-z*/.]{1,12}") {
            if let Ok(ignore) = Ignore::parse(&text) {
                ignore.holds_back(&path);
            }
        }
    }
}
