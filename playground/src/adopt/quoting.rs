//! Words of a strange tree and its program, as Dockerfiles and shells take them for what they are.

use super::gomod::is_plain;

/// The exec form, as of `CMD` and `ENTRYPOINT`, in which builders expand nothing.
pub(super) fn json<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let words = serde_json::to_string(&words).unwrap_or_default();
    words.replace("\",\"", "\", \"")
}

/// The same as of `COPY` and `VOLUME`, in which they expand variables.
pub(super) fn json_expanded<S: AsRef<str>>(words: &[S]) -> String {
    json(words).replace('$', "\\\\$")
}

/// A value behind `ENV NAME=`.
pub(super) fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A path behind `WORKDIR`.
pub(super) fn place(path: &str) -> String {
    match is_plain(path) {
        true => path.to_owned(),
        false => quoted(path),
    }
}

/// A word for a shell.
pub(super) fn word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    match text.bytes().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
