//! Whether a Dockerfile, a Makefile or a workflow builds the command in a folder, and what it tells the
//! compiler then. Pure.

use super::pattern;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What a build of the repository's own tells the compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::adopt) struct Told {
    /// Build tags.
    pub tags: BTreeSet<String>,
    /// Variables that get the version: `main.version`.
    pub stamps: BTreeSet<String>,
}

/// Tags that say how a program is linked: that is decided here.
const LINKED: [&str; 7] = [
    "netgo",
    "osusergo",
    "static",
    "static_build",
    "musl",
    "dynamic",
    "timetzdata",
];

/// What a text tells the compiler where it builds the command in this folder.
pub(super) fn told(text: &str, dir: &str) -> Told {
    static TAGS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#"\s--?tags[ =]+(?:"([\w., ]+)"|'([\w., ]+)'|([\w.,]+))(?:\s|$)"#)
    });
    static STAMPS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"-X[ =]+['"]?([A-Za-z0-9][\w./~-]*\.(?i:\w*version))="#));
    let mut all = Told::default();
    let lines = text
        .lines()
        .filter(|line| HERE.iter().any(|verb| line.contains(verb)));
    for line in lines.filter(|line| builds(line, dir)) {
        for found in TAGS.captures_iter(line) {
            let tags = found.iter().skip(1).flatten().next();
            let tags = tags.map_or("", |tags| tags.as_str()).split([',', ' ']);
            let tags = tags.filter(|tag| !tag.is_empty() && !LINKED.contains(tag));
            all.tags.extend(tags.map(str::to_owned));
        }
        let stamps = STAMPS.captures_iter(line).map(|found| found[1].to_owned());
        all.stamps.extend(stamps);
    }
    all
}

/// Words of a line that builds, or names what is to be built.
const VERBS: [&str; 6] = [
    "go build",
    "go install",
    "go run",
    "main:",
    "ko build",
    "dir:",
];
/// A line that builds where it stands.
const HERE: [&str; 2] = ["go build", "go install"];

/// Whether a text builds the command in this folder; lines that go on were put together.
pub(super) fn builds(text: &str, dir: &str) -> bool {
    if dir == "." {
        return text.lines().any(|line| {
            let here = HERE.iter().any(|verb| line.contains(verb));
            let words = line.split_whitespace().collect::<Vec<_>>();
            let top = |word: &&str| matches!(*word, "." | "./" | "main.go" | "./main.go");
            here && words.iter().any(top)
        });
    }
    text.match_indices(dir).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|c| !(c.is_ascii_alphanumeric() || "_-".contains(c)));
        let rest = &text[at + dir.len()..];
        if !begins || !ends(rest) {
            return false;
        }
        let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let line = &text[begin..at];
        VERBS.iter().any(|verb| line.contains(verb)) || entered(line, rest)
    })
}

/// Whether a folder's name ends here: what may follow is the folder itself, all below it, or a file of
/// Go's in it.
fn ends(rest: &str) -> bool {
    let Some(below) = rest.strip_prefix('/') else {
        return !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "_-".contains(c));
    };
    let apart = |c: char| c.is_whitespace() || "\"'`;&|),".contains(c);
    let word = below.split(apart).next().unwrap_or_default();
    matches!(word, "" | "." | "...") || (word.ends_with(".go") && !word.contains('/'))
}

/// Whether a shell, or a stage, goes into the folder first, and builds there: the words of its line
/// before the folder, and all behind it.
fn entered(line: &str, rest: &str) -> bool {
    let mut words = line.split_whitespace().rev();
    // What stands right before the folder is the beginning of its path.
    let verb = match line.ends_with(char::is_whitespace) {
        true => words.next(),
        false => words.nth(1),
    };
    let here = |text: &str| HERE.iter().any(|verb| text.contains(verb));
    match verb {
        Some("cd" | "pushd") => here(rest.lines().next().unwrap_or_default()),
        Some("WORKDIR") => {
            let until = |line: &&str| !line.starts_with("WORKDIR") && !line.starts_with("FROM");
            rest.lines().skip(1).take_while(until).any(here)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_built_where_its_folder_is_named_in_a_build() {
        let text = "build:\n\tgo build -o bin/api  \t\t-trimpath ./cmd/api\nlint: ./cmd/lint\n";
        assert!(builds(text, "cmd/api"));
        assert!(!builds(text, "cmd/lint") && !builds(text, "cmd/ap"));
        assert!(builds("RUN CGO_ENABLED=0 go build -o /x .\n", "."));
        assert!(!builds("RUN cd x && go test ./...\n", "."));
        assert!(builds("builds:\n  - main: ./cmd/api\n", "cmd/api"));
    }

    #[test]
    fn what_a_build_tells_the_compiler_is_found() {
        let text = "ARG VERSION\nRUN go build -tags \"sqlite,netgo fts5\" -ldflags=\"-s -X main.version=$VERSION \
                    -X a.test/m/info.buildVersion=${VERSION} -X main.commit=$SHA\" -o /x ./cmd/x\n\
                    RUN go build -tags debug -ldflags \"-X $PKG.version=1\" ./cmd/y\n";
        let all = told(text, "cmd/x");
        let of = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
        assert_eq!(of(&all.tags), ["fts5", "sqlite"]);
        assert_eq!(
            of(&all.stamps),
            ["a.test/m/info.buildVersion", "main.version"]
        );
        assert_eq!(of(&told(text, "cmd/y").tags), ["debug"]);
        assert!(told(text, "cmd/y").stamps.is_empty());
        let made = "RUN go build -tags \"$TAGS\" ./cmd/x && git describe --tags\n";
        assert_eq!(told(made, "cmd/x"), Told::default());
    }

    #[test]
    fn a_folder_is_named_by_a_file_in_it_too_and_by_going_there() {
        for text in [
            "RUN go build -o /api /src/cmd/api/main.go",
            "RUN go build ./cmd/api/. && x",
            "RUN go build ./cmd/api/...",
            "RUN cd cmd/api && go build -o /api",
            "RUN go build -C cmd/api -o /x",
            "WORKDIR /src/cmd/api\nRUN go build -o /api\n",
        ] {
            assert!(builds(text, "cmd/api"), "{text}");
        }
        for text in [
            "RUN go build ./cmd/api/internal",
            "RUN go build ./cmd/api/v2/main.go",
            "RUN cd cmd/api && go test",
            "WORKDIR /src/cmd/api\nFROM x\nRUN go build\n",
            "WORKDIR /src/cmd/api\nWORKDIR /src\nRUN go build\n",
            "COPY cmd/api/main.go .",
        ] {
            assert!(!builds(text, "cmd/api"), "{text}");
        }
    }
}
