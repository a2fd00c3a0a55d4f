//! What belongs to a repository though its `.gitignore` names it: what git tracks all the same, and
//! what its own Dockerfiles copy. Git's index is read, git is never asked: it runs what a
//! repository's settings name.

use super::WorkingTree;
use analysis::dockerfile::instruction_lines;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

/// An index, in bytes: more is none of a repository that is adopted.
const MAX_INDEX: u64 = 32 << 20;
/// Dockerfiles that are read for what they copy, and the bytes of each.
const MAX_DOCKERFILES: usize = 200;
const MAX_DOCKERFILE: usize = 256 << 10;
/// Names that are remembered of them.
const MAX_NAMES: usize = 8192;
/// What stands before an entry's path.
const HEAD: usize = 62;

/// Paths that git tracks in the tree at `root`; none where that cannot be told.
pub(super) fn tracked(root: &Path) -> BTreeSet<String> {
    let at = root.join(".git/index");
    let small =
        fs::symlink_metadata(&at).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_INDEX);
    let bytes = match small {
        true => fs::read(&at).unwrap_or_default(),
        false => Vec::new(),
    };
    paths(&bytes).unwrap_or_default()
}

fn paths(index: &[u8]) -> Option<BTreeSet<String>> {
    let word = |at: usize| {
        let bytes = index.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let version = word(4).filter(|_| index.starts_with(b"DIRC"))?;
    let count = word(8).filter(|_| (2..=4).contains(&version))?;
    let mut found = BTreeSet::new();
    let mut last: Vec<u8> = Vec::new();
    let mut at = 12;
    for _ in 0..count {
        let flags = index.get(at + HEAD - 2..at + HEAD)?;
        let extended = version > 2 && flags[0] & 0x40 != 0;
        let mut name = at + HEAD + if extended { 2 } else { 0 };
        if version == 4 {
            // So many bytes of the path before are dropped, and the rest is added.
            let (drop, after) = number(index, name)?;
            last.truncate(last.len().checked_sub(drop)?);
            name = after;
        } else {
            last.clear();
        }
        let end = name + index.get(name..)?.iter().position(|byte| *byte == 0)?;
        last.extend_from_slice(&index[name..end]);
        // No file of a tree has a longer one, and each could repeat what stood before.
        (last.len() <= super::MAX_PATH).then_some(())?;
        at = match version {
            4 => end + 1,
            // Filled up with zeros, one at least, to a multiple of eight.
            _ => at + (end - at) / 8 * 8 + 8,
        };
        if let Ok(path) = std::str::from_utf8(&last) {
            found.insert(path.to_owned());
        }
    }
    Some(found)
}

/// A number as git writes an offset: seven bits a byte, each further byte counting one more.
fn number(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)? + usize::from(byte & 0x7f);
    }
    Some((value, at + 1))
}

/// Whether this is a Dockerfile of the repository's own.
pub(in crate::adopt) fn is_dockerfile(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let foreign = |part| matches!(part, "vendor" | "testdata" | "node_modules");
    let other = [".dockerignore", ".go", ".md"];
    if path.split('/').any(foreign) || other.iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let rest = name.strip_prefix("dockerfile");
    // `DockerfileRelease`: one word more, without anything between.
    let word = path.rsplit('/').next().unwrap_or(path);
    let word = word.strip_prefix("Dockerfile").filter(|word| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        || name.ends_with(".dockerfile")
        || word.is_some()
}

/// Paths that Dockerfiles copy by their names, and the ends of those: they may lie below a folder of
/// the builder's.
pub(super) struct Copied(HashSet<String>);

impl Copied {
    /// By a tree's Dockerfiles.
    pub(super) fn of(tree: &WorkingTree) -> Copied {
        let paths = tree.paths().filter(|path| is_dockerfile(path));
        let texts = paths.filter_map(|path| tree.text(path));
        let texts = texts.filter(|text| text.len() <= MAX_DOCKERFILE);
        let mut names = HashSet::new();
        for text in texts.take(MAX_DOCKERFILES) {
            for (_, line) in instruction_lines(text) {
                let copy = line
                    .split_once(' ')
                    .filter(|(verb, _)| matches!(*verb, "COPY" | "ADD"));
                for source in copy.map_or(Vec::new(), |(_, rest)| sources(rest)) {
                    let source = source.trim_start_matches("./");
                    if source.len() > super::MAX_PATH {
                        continue;
                    }
                    let ends = source.match_indices('/').map(|(at, _)| &source[at + 1..]);
                    for end in ends.chain([source]) {
                        if names.len() == MAX_NAMES {
                            return Copied(names);
                        }
                        names.insert(end.to_owned());
                    }
                }
            }
        }
        Copied(names)
    }

    /// Whether one of them copies this file; what is likely to be a secret comes along for no
    /// Dockerfile.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains(path) && !is_secret(path)
    }
}

/// What a `COPY` copies, word by word.
fn sources(mut rest: &str) -> Vec<String> {
    while rest.starts_with("--") {
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
    }
    let mut words: Vec<String> = match rest.starts_with('[') {
        true => serde_json::from_str(rest).unwrap_or_default(),
        false => rest.split(' ').map(str::to_owned).collect(),
    };
    words.pop();
    words
}

/// Whether a file is called as settings with secrets, keys and passwords are.
fn is_secret(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let begins = [
        ".env",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        ".netrc",
        ".npmrc",
        ".pypirc",
        ".pgpass",
        ".htpasswd",
        ".git-credentials",
        "kubeconfig",
    ];
    let ends = [
        ".env",
        ".pem",
        ".key",
        ".p12",
        ".pfx",
        ".p8",
        ".jks",
        ".keystore",
        ".kdbx",
        ".ppk",
        ".gpg",
        ".asc",
        ".tfvars",
        ".tfstate",
    ];
    let holds = [
        ".env.",
        "secret",
        "credential",
        "password",
        "service-account",
        "service_account",
    ];
    begins.iter().any(|word| name.starts_with(word))
        || ends.iter().any(|word| name.ends_with(word))
        || holds.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &[u8], version: u32) -> Vec<u8> {
        let mut entry = vec![0; HEAD];
        entry.extend_from_slice(path);
        entry.push(0);
        while version < 4 && !entry.len().is_multiple_of(8) {
            entry.push(0);
        }
        entry
    }

    fn index(version: u32, entries: &[&[u8]]) -> Vec<u8> {
        let mut index = b"DIRC".to_vec();
        index.extend(version.to_be_bytes());
        index.extend(u32::try_from(entries.len()).expect("few").to_be_bytes());
        entries
            .iter()
            .for_each(|path| index.extend(entry(path, version)));
        index
    }

    #[test]
    fn what_git_tracks_is_read_from_its_index() {
        let told = |index: &[u8]| paths(index).map(|found| found.into_iter().collect::<Vec<_>>());
        let two = index(2, &[b"a/config.yaml", b"a/main.go", b"abcdefghij"]);
        assert_eq!(
            told(&two).expect("read"),
            ["a/config.yaml", "a/main.go", "abcdefghij"]
        );
        // The first byte says how much of the path before is dropped.
        let four = index(4, &[b"\x00a/config.yaml", b"\x0bmain.go"]);
        assert_eq!(told(&four).expect("read"), ["a/config.yaml", "a/main.go"]);
        for broken in [&two[..60], b"DIRC", b"", &index(9, &[b"x"])] {
            assert_eq!(told(broken), None);
        }
        assert_eq!(number(&[0x80, 0x00], 0), Some((128, 2)));
    }

    #[test]
    fn an_index_that_repeats_a_path_without_end_is_not_remembered() {
        let long = [b"\x00".as_slice(), &[b'x'; 2048]].concat();
        assert_eq!(paths(&index(4, &[&long, b"\x00y", b"\x00z"])), None);
    }

    fn copied(dockerfile: &str) -> Copied {
        Copied::of(&super::super::testing::tree(&[("Dockerfile", dockerfile)]))
    }

    #[test]
    fn what_a_dockerfile_copies_by_its_name_belongs_to_the_repository() {
        let copied = copied(
            "FROM x\nCOPY --from=build /app/config.yaml ./config/\nCOPY dist/a.js .env /srv/\nCOPY . .\n\
             copy \\\n  # a note\n  ./b.yaml \\\n  /etc/\nADD --chown=1 [\"two words\", \"/srv/\"]\n",
        );
        for path in ["config.yaml", "dist/a.js", "b.yaml", "two words"] {
            assert!(copied.has(path), "{path}");
        }
        for path in [".env", "a.js2", "config", "etc/", "srv/"] {
            assert!(!copied.has(path), "{path}");
        }
    }

    #[test]
    fn what_is_likely_to_be_a_secret_comes_along_for_no_dockerfile() {
        let secrets =
            "prod.env tls.key deploy/id_rsa ca.PEM .env.local prod.env.old db-password.txt";
        let copied = copied(&format!("FROM x\nCOPY {secrets} keys.json /etc/\n"));
        assert!(copied.has("keys.json"));
        for path in secrets.split(' ') {
            assert!(!copied.has(path), "{path}");
        }
    }

    #[test]
    fn of_endless_dockerfiles_no_more_is_read_than_somebody_writes() {
        let deep = "a/".repeat(100_000);
        assert!(copied(&format!("FROM x\nCOPY {deep}b /\n")).0.is_empty());
        let many: String = (0..10_000).map(|n| format!("COPY {n} /\n")).collect();
        assert_eq!(copied(&many).0.len(), MAX_NAMES);
        let long = format!("COPY a /\n{}", "# x\n".repeat(MAX_DOCKERFILE / 4));
        assert!(copied(&long).0.is_empty());
    }

    #[test]
    fn dockerfiles_are_known_by_their_names() {
        for path in [
            "Dockerfile",
            "a/dockerfile.dev",
            "api.Dockerfile",
            "Dockerfile-dev",
            "cmd/x/DockerfileRelease",
        ] {
            assert!(is_dockerfile(path), "{path}");
        }
        let others = [
            "Dockerfile.dockerignore",
            "dockerfile.go",
            "dockerfiles",
            "Dockerfiles",
            "DockerfileLint.js",
            "vendor/a/Dockerfile",
        ];
        for path in others {
            assert!(!is_dockerfile(path), "{path}");
        }
    }
}
