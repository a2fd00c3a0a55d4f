//! Words of a strange tree and its program, as Dockerfiles and shells take them for what they are.

use super::gomod::is_plain;

/// The exec form, as of `CMD` and `ENTRYPOINT`, in which builders expand nothing.
pub(super) fn json<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let words = serde_json::to_string(&words).unwrap_or_default();
    words.replace("\",\"", "\", \"")
}

/// The same as of `COPY` and `VOLUME`, whose words they read as a shell does: they expand variables, and
/// take away quotation marks and backslashes.
pub(super) fn json_expanded<S: AsRef<str>>(words: &[S]) -> String {
    let escaped = words.iter().map(|word| {
        let mut escaped = String::new();
        for c in word.as_ref().chars() {
            if matches!(c, '\'' | '"' | '\\' | '$') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        escaped
    });
    json(&escaped.collect::<Vec<_>>())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_takes_away_is_written_so_that_it_stays() {
        let words = ["Bob's conf/$a", r#"b"\c"#];
        let wanted = r#"["Bob\\'s conf/\\$a", "b\\\"\\\\c"]"#;
        assert_eq!(json_expanded(&words), wanted);
        assert_eq!(json(&["Bob's $a", "b"]), r#"["Bob's $a", "b"]"#);
    }
}
