//! YAML and JSON as values with their lines.
//!
//! Owns what a manifest may cost: values, bytes of text and depth are counted as they come, those
//! that an alias repeats included, and reading ends where one of them is too much.

use super::ManifestError;
use super::node::{Node, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::collections::{HashMap, HashSet};

/// Values of a manifest, with what aliases repeat.
const MAX_VALUES: usize = 200_000;
/// Bytes of text, with what aliases repeat.
const MAX_TEXT: usize = 8 << 20;
/// Mappings and lists in each other.
const MAX_DEPTH: usize = 64;

type Read<T> = Result<T, ManifestError>;

/// The documents of a file, in order.
pub(super) fn documents(text: &str) -> Read<Vec<Node>> {
    let text = text.trim_start_matches('\u{feff}');
    // JSON may be indented with tabs, and has none in its strings.
    let json = text.trim_start().starts_with(['{', '[']);
    let spaced = json.then(|| text.replace('\t', " "));
    let mut reader = Reader::default();
    for event in Parser::new_from_str(spaced.as_deref().unwrap_or(text)) {
        let (event, span) = event.map_err(|error| {
            ManifestError::at(
                error.marker().line() as u32,
                format!("it is neither YAML nor JSON: {}", error.info()),
                "templates have to be rendered first, be it with `helm template`",
            )
        })?;
        reader.take(event, &span)?;
    }
    Ok(reader.documents)
}

#[derive(Default)]
struct Reader {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    values: usize,
    text: usize,
}

/// A mapping or list that has not ended yet.
struct Open {
    line: u32,
    anchor: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<Node>),
    Map {
        entries: Vec<(String, Node)>,
        names: HashSet<String>,
        /// The key whose value comes next.
        key: Option<String>,
    },
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Read<()> {
        let line = span.start.line() as u32;
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref(), line)?;
                self.finished(Node { line, value }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => {
                known(tag.as_deref(), line)?;
                self.open(line, anchor, Parts::List(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                known(tag.as_deref(), line)?;
                let parts = Parts::Map {
                    entries: Vec::new(),
                    names: HashSet::new(),
                    key: None,
                };
                self.open(line, anchor, parts)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let value = match open.parts {
                    Parts::List(nodes) => Value::List(nodes),
                    Parts::Map { entries, .. } => Value::Map(self.merged(entries)?),
                };
                let line = open.line;
                self.finished(Node { line, value }, open.anchor)?;
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    let what = "an alias (`*name`) stands for something that is not complete here";
                    return Err(ManifestError::at(line, what, "write it out"));
                };
                let node = node.clone();
                self.charge(&node, line)?;
                self.finished(node, 0)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, line: u32, anchor: usize, parts: Parts) -> Read<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_much(
                line,
                "more is nested here than any manifest needs",
            ));
        }
        self.open.push(Open {
            line,
            anchor,
            parts,
        });
        Ok(())
    }

    /// Puts a value where it belongs.
    fn finished(&mut self, node: Node, anchor: usize) -> Read<()> {
        let line = node.line;
        self.count(&node, line)?;
        if anchor > 0 {
            // It is kept a second time.
            self.charge(&node, line)?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.parts {
            Parts::List(nodes) => nodes.push(node),
            Parts::Map {
                entries,
                names,
                key,
            } => match key.take() {
                Some(name) => entries.push((name, node)),
                None => {
                    let Value::Scalar { text, .. } = node.value else {
                        let what = "a key has to be text";
                        return Err(ManifestError::at(
                            line,
                            what,
                            "write `key: value`; of a template, render it first, be it with `helm template`",
                        ));
                    };
                    if !names.insert(text.clone()) {
                        return Err(ManifestError::at(
                            line,
                            format!("the key {text:?} is there twice"),
                            "leave one of them out: readers disagree about which one counts",
                        ));
                    }
                    *key = Some(text);
                }
            },
        }
        Ok(())
    }

    /// With what `<<` brings along, which does not replace what is there.
    fn merged(&mut self, mut entries: Vec<(String, Node)>) -> Read<Vec<(String, Node)>> {
        let Some(at) = entries.iter().position(|(key, _)| key == "<<") else {
            return Ok(entries);
        };
        let (_, brought) = entries.remove(at);
        let sources = match brought.value {
            Value::List(nodes) => nodes,
            _ => vec![brought],
        };
        let mut names: HashSet<_> = entries.iter().map(|(key, _)| key.clone()).collect();
        for source in sources {
            let line = source.line;
            let Value::Map(more) = source.value else {
                let what = "`<<` takes a mapping, or a list of them";
                return Err(ManifestError::at(line, what, "`<<: *name`"));
            };
            entries.extend(
                more.into_iter()
                    .filter(|(key, _)| names.insert(key.clone())),
            );
        }
        Ok(entries)
    }

    /// Counts one value, whose parts were counted when they came.
    fn count(&mut self, node: &Node, line: u32) -> Read<()> {
        self.values += 1;
        if let Value::Scalar { text, .. } = &node.value {
            self.text += text.len();
        }
        match self.values > MAX_VALUES || self.text > MAX_TEXT {
            true => Err(too_much(
                line,
                "it is more, aliases written out, than is read",
            )),
            false => Ok(()),
        }
    }

    /// Counts everything in a value that is there once more.
    fn charge(&mut self, node: &Node, line: u32) -> Read<()> {
        let depth = self.open.len();
        self.charge_at(node, line, depth)
    }

    fn charge_at(&mut self, node: &Node, line: u32, depth: usize) -> Read<()> {
        if depth > MAX_DEPTH {
            return Err(too_much(
                line,
                "more is nested here than any manifest needs",
            ));
        }
        self.count(node, line)?;
        match &node.value {
            Value::List(nodes) => {
                for node in nodes {
                    self.charge_at(node, line, depth + 1)?;
                }
            }
            Value::Map(entries) => {
                for (key, node) in entries {
                    self.text += key.len();
                    self.charge_at(node, line, depth + 1)?;
                }
            }
            Value::Null | Value::Scalar { .. } => {}
        }
        Ok(())
    }
}

fn too_much(line: u32, what: &str) -> ManifestError {
    ManifestError::at(line, what, "name the one manifest that starts this image")
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, line: u32) -> Read<Value> {
    let kind = known(tag, line)?;
    let plain = style == ScalarStyle::Plain && kind != Some("str");
    let null = matches!(text, "" | "~" | "null" | "Null" | "NULL");
    Ok(match kind {
        // Compose takes away what another file said.
        Some("reset") => Value::Null,
        _ if plain && null => Value::Null,
        _ => Value::Scalar {
            text: text.to_owned(),
            plain,
        },
    })
}

/// What a tag says, if it is one that manifests have.
fn known(tag: Option<&Tag>, line: u32) -> Read<Option<&str>> {
    let Some(tag) = tag else { return Ok(None) };
    match (&*tag.handle, &*tag.suffix) {
        ("tag:yaml.org,2002:", kind) => Ok(Some(kind)),
        ("", "!") | ("!", "") => Ok(Some("str")),
        ("!", kind @ ("reset" | "override")) => Ok(Some(kind)),
        _ => Err(ManifestError::at(
            line,
            format!("nobody here knows what the tag {tag} means"),
            "write the value out that it stands for",
        )),
    }
}
