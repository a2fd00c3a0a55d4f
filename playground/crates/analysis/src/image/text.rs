//! Names and paths of an archive as text: nothing of them is lost, and nothing in them reaches a
//! terminal.

use policy::sanitize;

/// A name from an archive as it may be shown: its beginning, with what is dangerous spelt out.
pub(super) fn shown(name: &str) -> String {
    const MAX_CHARS: usize = 120;
    let begin: String = name.chars().take(MAX_CHARS).collect();
    sanitize::shown(&begin).chars().take(MAX_CHARS).collect()
}

/// Bytes as text in which differences survive: those that are no UTF-8 become `\xff`.
pub(super) fn lossless(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}
