//! Variables in a manifest's text, and lines that are cut into words.

/// `$(NAME)` as Kubernetes expands it: only from variables that the container itself has. What is
/// not known stays as it stands, and so does `$$(NAME)`, as `$(NAME)`.
pub(super) fn expanded(
    text: &str,
    value: impl Fn(&str) -> Option<Option<String>>,
) -> (String, Vec<String>) {
    let mut unknown = Vec::new();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let Some((name, after)) = name else {
            out.push('$');
            continue;
        };
        match value(name) {
            Some(Some(value)) => out.push_str(&value),
            Some(None) => {
                unknown.push(name.to_owned());
                out.push_str(&format!("$({name})"));
            }
            None => out.push_str(&format!("$({name})")),
        }
        rest = after;
    }
    out.push_str(rest);
    (out, unknown)
}

/// Text of a Compose file with its variables worked out as far as the file tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interpolated {
    pub(super) text: String,
    /// Variables without a default: they are left in the text.
    pub(super) unknown: Vec<String>,
    /// Variables whose default was taken.
    pub(super) defaults: Vec<String>,
}

/// `${NAME}`, `${NAME:-default}`, `$NAME`; `None` where Compose would refuse it.
pub(super) fn interpolated(text: &str) -> Option<Interpolated> {
    let mut out = Interpolated::default();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.text.push('$');
            rest = after;
            continue;
        }
        let (inside, after) = match rest.strip_prefix('{') {
            Some(open) => open.split_at(closing(open)?),
            None => rest.split_at(name_length(rest)),
        };
        let name = &inside[..name_length(inside)];
        if name.is_empty() {
            return None;
        }
        let operator = &inside[name.len()..];
        let default = operator.strip_prefix(":-").or(operator.strip_prefix('-'));
        match default {
            Some(default) if !default.contains('$') => {
                out.text.push_str(default);
                out.defaults.push(name.to_owned());
            }
            _ => {
                out.text.push_str(&format!("${{{name}}}"));
                out.unknown.push(name.to_owned());
            }
        }
        rest = match rest.starts_with('{') {
            true => &after[1..],
            false => after,
        };
    }
    out.text.push_str(rest);
    Some(out)
}

/// Where the brace ends that is open.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => 0,
        false => text.find(|c| !part(c)).unwrap_or(text.len()),
    }
}

/// A line's words as Compose cuts it, which is no shell: quotes and backslashes count, nothing else
/// does. `None` where a quote has no end.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        end if end == c => break,
                        '\\' if c == '"' => match chars.next()? {
                            escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}
