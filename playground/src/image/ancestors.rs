//! Images that an image descends from, as its history tells without doubt.
//!
//! The official images leave lines that nobody writes by accident: the script that makes
//! Debian's (debuerreotype), Alpine's archive by its full name, and the first line of Go's
//! Dockerfile. All others are not guessed at. Which tag was asked for, no history tells.

use super::config::Happened;
use serde::Serialize;

/// An image that another descends from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ancestor {
    /// The official image: `debian`, `alpine`, `golang`.
    pub name: &'static str,
    /// As precisely as the line tells: `bookworm`, `3.20.6`, `1.23.9`.
    pub version: String,
    /// Of Debian, the moment of its packages, in seconds since 1970.
    pub snapshot: Option<i64>,
    /// The line, from 0, in the history.
    pub line: usize,
}

/// Ancestors that the history names, from the base up.
pub fn ancestors(history: &[Happened]) -> Vec<Ancestor> {
    let lines = history.iter().enumerate();
    lines
        .filter_map(|(line, happened)| ancestor(line, &happened.created_by))
        .collect()
}

fn ancestor(line: usize, created_by: &str) -> Option<Ancestor> {
    let made = created_by.strip_prefix("RUN ").unwrap_or(created_by);
    let (name, version, snapshot) = if let Some(words) = made.strip_prefix("# debian.sh ") {
        let (_, words) = words.split_once("out/ ")?;
        let mut words = words.split(' ').map(|word| word.trim_matches('\''));
        let suite = words.next()?;
        let moment = words.next().and_then(|word| word.strip_prefix('@'));
        ("debian", suite, moment.and_then(|word| word.parse().ok()))
    } else if let Some(file) = made.strip_prefix("ADD alpine-minirootfs-") {
        ("alpine", file.split('-').next()?, None)
    } else if let Some(version) = made.strip_prefix("ENV GOLANG_VERSION=") {
        ("golang", version, None)
    } else {
        return None;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let short = (1..=32).contains(&version.len());
    (short && version.chars().all(plain)).then(|| Ancestor {
        name,
        version: version.to_owned(),
        snapshot,
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn official_images_are_known_by_their_lines_and_others_are_not_guessed_at() {
        let lines = [
            "# debian.sh --arch 'amd64' out/ 'bookworm' '@1749513600'",
            "CMD [\"bash\"]",
            "ENV GOLANG_VERSION=1.23.9",
            "ENV GOLANG_VERSION=1.23.9 GOPATH=/go",
            "ADD alpine-minirootfs-3.20.6-x86_64.tar.gz / # buildkit",
            "COPY /etc/debian_version / # buildkit",
            "# debian.sh",
            "# debian.sh --arch 'amd64' out/ ''",
        ];
        let history: Vec<_> = lines
            .iter()
            .map(|line| Happened {
                created_by: (*line).to_owned(),
                ..Happened::default()
            })
            .collect();
        let found = ancestors(&history);
        let names: Vec<_> = found
            .iter()
            .map(|it| (it.name, it.version.as_str(), it.snapshot, it.line))
            .collect();
        let expected = [
            ("debian", "bookworm", Some(1_749_513_600), 0),
            ("golang", "1.23.9", None, 2),
            ("alpine", "3.20.6", None, 4),
        ];
        assert_eq!(names, expected);
    }
}
