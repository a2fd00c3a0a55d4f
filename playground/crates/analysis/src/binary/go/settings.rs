//! The text within build info: one line for the main package, each module, each setting.

use super::build::BuildInfo;
use serde::Serialize;

/// More modules than this are not kept.
const MAX_LINES: usize = 16 << 10;

/// A module that packages were taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Module {
    /// Its path: `golang.org/x/net`.
    pub path: String,
    /// `v1.2.3`, or `(devel)`; empty where a folder replaces another module.
    pub version: String,
    /// Its checksum (`h1:…`); empty where there is none.
    pub sum: String,
    /// What stood in for it (`replace` in go.mod).
    pub replace: Option<Box<Module>>,
}

/// All but the version. Lines of an unknown kind are passed over: later versions of Go may add
/// some.
pub(super) fn parse(text: &str) -> BuildInfo {
    let mut found = BuildInfo::default();
    for line in text.lines().take(MAX_LINES) {
        let (kind, rest) = line.split_once('\t').unwrap_or((line, ""));
        match kind {
            "path" => found.path = rest.to_owned(),
            "mod" => found.main = Some(module(rest)),
            "dep" => found.modules.push(module(rest)),
            "=>" => {
                if let Some(replaced) = found.modules.last_mut().or(found.main.as_mut()) {
                    replaced.replace = Some(Box::new(module(rest)));
                }
            }
            "build" => found.settings.extend(setting(rest)),
            _ => {}
        }
    }
    found
}

fn module(columns: &str) -> Module {
    let mut columns = columns.split('\t').map(str::to_owned);
    let mut next = || columns.next().unwrap_or_default();
    Module {
        path: next(),
        version: next(),
        sum: next(),
        replace: None,
    }
}

/// `key=value`; either may be quoted as a Go string.
fn setting(text: &str) -> Option<(String, String)> {
    let (key, value) = if let Some(inner) = text.strip_prefix('"') {
        let (key, rest) = text.split_at(closing_quote(inner)? + 2);
        (key, rest.strip_prefix('=')?)
    } else {
        text.split_once('=')?
    };
    Some((unquoted(key), unquoted(value)))
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })
}

/// A Go string literal's content; anything else as it is.
fn unquoted(text: &str) -> String {
    let within = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(raw) = within('`') {
        return raw.to_owned();
    }
    let Some(inner) = within('"') else {
        return text.to_owned();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('x') => plain.extend(coded(&mut rest, 2)),
            Some('u') => plain.extend(coded(&mut rest, 4)),
            Some('U') => plain.extend(coded(&mut rest, 8)),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

fn coded(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = rest.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_replacements_and_quoted_settings_are_read() {
        let read = parse(concat!(
            "path\texample.com/app/cmd\n",
            "mod\texample.com/app\t(devel)\t\n",
            "dep\texample.com/a\tv1.2.3\th1:abc=\n",
            "=>\t./fork\t\n",
            "build\t-ldflags=\"-s -w -X 'main.v=a b'\"\n",
            "build\tCGO_ENABLED=0\n",
            "build\t\"odd key\"=`raw value`\n",
            "later\tunknown\n",
        ));
        assert_eq!(read.path, "example.com/app/cmd");
        assert_eq!(read.main.unwrap_or_default().version, "(devel)");
        assert_eq!(read.modules[0].sum, "h1:abc=");
        assert_eq!(
            read.modules[0].replace.as_ref().map(|to| to.path.as_str()),
            Some("./fork")
        );
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            read.settings,
            [
                pair("-ldflags", "-s -w -X 'main.v=a b'"),
                pair("CGO_ENABLED", "0"),
                pair("odd key", "raw value")
            ]
        );
    }
}
