//! What belongs to a repository though its `.gitignore` names it: what git tracks all the same, and
//! what its own Dockerfiles copy. Git's index is read, git is never asked: it runs what a
//! repository's settings name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// An index, in bytes: more is none of a repository that is adopted.
const MAX_INDEX: u64 = 32 << 20;
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

/// Whether a Dockerfile's text copies this file by its name; settings with secrets never are.
pub(super) fn copied(dockerfile: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.starts_with(".env") {
        return false;
    }
    dockerfile.lines().any(|line| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let copies = matches!(words.first(), Some(&("COPY" | "ADD")));
        words.pop();
        copies
            && words.iter().skip(1).any(|word| {
                let word = word.trim_matches(['[', ']', '"', ',']);
                let word = word.trim_start_matches("./");
                word == path || word.ends_with(&format!("/{path}"))
            })
    })
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

    #[test]
    fn what_a_dockerfile_copies_by_its_name_belongs_to_the_repository() {
        let text = "FROM x\nCOPY --from=build /app/config.yaml ./config/\nCOPY dist/a.js .env /srv/\nCOPY . .\n";
        assert!(copied(text, "config.yaml") && copied(text, "dist/a.js"));
        assert!(!copied(text, ".env") && !copied(text, "a.js2") && !copied(text, "config"));
    }
}
