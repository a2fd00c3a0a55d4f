//! Names and paths of an archive as text: nothing of them is lost, and nothing in them reaches a
//! terminal.

use policy::sanitize;

/// A name from an archive as it may be shown: its beginning, with what is dangerous spelt out.
pub(super) fn shown(name: &str) -> String {
    const MAX_CHARS: usize = 120;
    let begin: String = name.chars().take(MAX_CHARS).collect();
    sanitize::shown(&begin).chars().take(MAX_CHARS).collect()
}

/// Bytes as text in which differences survive: those that are no UTF-8 become `\xff`, and a
/// backslash that could be taken for such a one becomes `\x5c`.
pub(super) fn lossless(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find("\\x") {
            let (before, after) = rest.split_at(at + 1);
            text.push_str(match written(after) {
                true => &rest[..at],
                false => before,
            });
            if written(after) {
                text.push_str("\\x5c");
            }
            rest = after;
        }
        text.push_str(rest);
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}

/// Whether what follows a backslash is what [`lossless`] writes behind one.
fn written(after: &str) -> bool {
    let digits = after.as_bytes().get(1..3);
    digits.is_some_and(
        |two| matches!(two, [b'8'..=b'9' | b'a'..=b'f', b'0'..=b'9' | b'a'..=b'f'] | b"5c"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_names_stay_different() {
        let names: [&[u8]; 7] = [
            b"a\xe9",
            b"a\xe8",
            b"a\\xe9",
            b"a\\x5cxe9",
            b"a\\x5c\xe9",
            b"a\\",
            b"a\\x41",
        ];
        let texts: std::collections::BTreeSet<_> = names.map(lossless).into_iter().collect();
        assert_eq!(texts.len(), names.len(), "{texts:?}");
        assert_eq!(lossless(b"a\\x41\\"), "a\\x41\\");
        assert_eq!(lossless(b"a\\xe9"), "a\\x5cxe9");
    }
}
