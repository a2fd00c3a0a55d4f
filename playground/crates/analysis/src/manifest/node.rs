//! A value of a manifest with its line, and how it is asked for.

use super::ManifestError;

/// Parts of a list or mapping that is asked for.
const MAX_PARTS: usize = 2000;

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    /// Text, number or truth: which of them, whoever asks says.
    Scalar {
        text: String,
        /// Without quotes, so that it may be a number or a truth.
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

type Asked<T> = Result<T, ManifestError>;

impl Node {
    pub(super) fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// What a mapping has under a key; `None` where that is not there, or null.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let found = self.entry(key)?;
        (!found.is_null()).then_some(found)
    }

    /// The same, null included.
    pub(super) fn entry(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        let found = entries.iter().find(|(name, _)| name == key);
        found.map(|(_, node)| node)
    }

    /// What lies at the end of a way of keys.
    pub(super) fn at(&self, way: &[&str]) -> Option<&Node> {
        way.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let entries = match &self.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(key, _)| key.as_str())
    }

    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar { plain: true, text } if is_truth(text) => "true or false",
            Value::Scalar { plain: true, text } if is_number(text) => "a number",
            Value::Scalar { .. } => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    fn wrong(&self, what: &str, wanted: &str) -> ManifestError {
        let kind = self.kind();
        let next = match wanted {
            "text" => format!("put it in quotes: {what}: \"…\""),
            _ => format!("write {what} as {wanted}"),
        };
        ManifestError::at(
            self.line,
            format!("{what} is {kind}, and has to be {wanted}"),
            next,
        )
    }

    /// Parts are looked for in one another.
    fn few<'a, T>(&self, what: &str, parts: &'a [T]) -> Asked<&'a [T]> {
        match parts.len() > MAX_PARTS {
            true => Err(ManifestError::at(
                self.line,
                format!("{what} has more than {MAX_PARTS} parts"),
                "name the one manifest that starts this image",
            )),
            false => Ok(parts),
        }
    }

    /// Text, or what stands there without quotes as it is written.
    pub(super) fn text(&self, what: &str) -> Asked<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Ok(text),
            Value::Null => Ok(""),
            _ => Err(self.wrong(what, "text")),
        }
    }

    /// Text and nothing else: Kubernetes and ECS refuse a number in its place.
    pub(super) fn strict_text(&self, what: &str) -> Asked<&str> {
        match self.kind() {
            "a number" | "true or false" => Err(self.wrong(what, "text")),
            _ => self.text(what),
        }
    }

    pub(super) fn list(&self, what: &str) -> Asked<&[Node]> {
        match &self.value {
            Value::List(nodes) => self.few(what, nodes),
            _ => Err(self.wrong(what, "a list")),
        }
    }

    pub(super) fn map(&self, what: &str) -> Asked<&[(String, Node)]> {
        match &self.value {
            Value::Map(entries) => self.few(what, entries),
            _ => Err(self.wrong(what, "a mapping")),
        }
    }

    pub(super) fn truth(&self, what: &str) -> Asked<bool> {
        match &self.value {
            Value::Scalar { text, .. } if is_truth(text) => {
                let first = text.to_ascii_lowercase();
                Ok(matches!(&*first, "true" | "yes" | "on" | "y"))
            }
            _ => Err(self.wrong(what, "true or false")),
        }
    }

    pub(super) fn number(&self, what: &str) -> Asked<u64> {
        let number = match &self.value {
            Value::Scalar { text, .. } => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.wrong(what, "a whole number"))
    }

    /// The list under a key; empty where there is none.
    pub(super) fn list_of(&self, key: &str) -> Asked<&[Node]> {
        self.get(key).map_or(Ok(&[]), |node| node.list(key))
    }

    pub(super) fn truth_of(&self, key: &str) -> Asked<Option<bool>> {
        self.get(key).map(|node| node.truth(key)).transpose()
    }

    pub(super) fn number_of(&self, key: &str) -> Asked<Option<u64>> {
        self.get(key).map(|node| node.number(key)).transpose()
    }

    pub(super) fn strict_text_of(&self, key: &str) -> Asked<Option<&str>> {
        self.get(key).map(|node| node.strict_text(key)).transpose()
    }

    /// A list of words under a key, strictly; `None` where it is not there.
    pub(super) fn strict_words_of(&self, key: &str) -> Asked<Option<Vec<String>>> {
        let Some(node) = self.get(key) else {
            return Ok(None);
        };
        let words = node.list(key)?.iter();
        let words = words.map(|word| word.strict_text(key).map(str::to_owned));
        words.collect::<Asked<_>>().map(Some)
    }
}

/// As YAML 1.1 has them, which Kubernetes and Compose still read.
fn is_truth(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let capital = |text: &str| text.chars().skip(1).all(|c| c.is_ascii_lowercase());
    let even = capital(text) || text.chars().all(|c| c.is_ascii_uppercase());
    even && matches!(&*lower, "true" | "false" | "yes" | "no" | "on" | "off")
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && (digits.parse::<f64>().is_ok() || hexadecimal(digits))
}

fn hexadecimal(text: &str) -> bool {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0o"));
    digits.is_some_and(|digits| u64::from_str_radix(digits, 16).is_ok())
}
