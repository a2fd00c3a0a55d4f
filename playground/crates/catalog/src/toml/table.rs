//! A strict reader over one TOML table.
//!
//! A [`Table`] remembers which keys it was asked for; [`Table::finish`] reports the
//! rest as unknown. Values come with the line they stand on. Knows no labs.

use crate::toml::reader::{At, Need, Reader};
use policy::suggest::hint;
use regex::Regex;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use toml_edit::{ImDocument, Item, TableLike, Value};

/// A table being read.
pub(crate) struct Table<'r> {
    reader: &'r Reader<'r>,
    /// As the file writes it between brackets: `variant.probe`; none at the top.
    path: Option<String>,
    /// As reports call it: `[[variant.probe]]`.
    name: String,
    pub(crate) line: u32,
    items: &'r dyn TableLike,
    asked: RefCell<Vec<&'static str>>,
}

impl<'r> Table<'r> {
    /// The top level of a document.
    pub(crate) fn root(reader: &'r Reader<'r>, document: &'r ImDocument<String>) -> Table<'r> {
        Table::new(reader, None, "the lab".into(), 1, document.as_table())
    }

    fn new(
        reader: &'r Reader<'r>,
        path: Option<String>,
        name: String,
        line: u32,
        items: &'r dyn TableLike,
    ) -> Table<'r> {
        Table {
            reader,
            path,
            name,
            line,
            items,
            asked: RefCell::default(),
        }
    }

    pub(crate) fn report(&self, line: u32, text: impl Into<String>) {
        self.reader.report(line, text);
    }

    /// How many problems the file has so far.
    pub(crate) fn reported(&self) -> usize {
        self.reader.reported()
    }

    /// Whether the key is there at all, right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.items.contains_key(key)
    }

    /// The line of a key that is there.
    pub(crate) fn line_with(&self, key: &str) -> Option<u32> {
        let item = self.items.get(key)?;
        Some(self.line_of(key, item))
    }

    /// Keeps a key that nobody reads from being reported as unknown.
    pub(crate) fn knows(&self, key: &'static str) {
        self.asked.borrow_mut().push(key);
    }

    /// Text with something in it.
    pub(crate) fn text(&self, key: &'static str, need: Need) -> Option<At<String>> {
        let item = self.get(key, need)?;
        let text = self.typed(key, item.value.as_str(), &item, "a string")?;
        self.filled(key, text, item.line)
    }

    /// A whole number within `range`.
    pub(crate) fn integer<T: TryFrom<i64>>(
        &self,
        key: &'static str,
        need: Need,
        range: RangeInclusive<i64>,
    ) -> Option<At<T>> {
        let item = self.get(key, need)?;
        let number = self.typed(key, item.value.as_integer(), &item, "a whole number")?;
        let value = range
            .contains(&number)
            .then(|| T::try_from(number).ok())
            .flatten();
        if value.is_none() {
            let (low, high) = (range.start(), range.end());
            self.report(
                item.line,
                format!("`{key}` is {number}; it must be {low} to {high}"),
            );
        }
        Some(At {
            value: value?,
            line: item.line,
        })
    }

    /// A number above zero.
    pub(crate) fn number(&self, key: &'static str, need: Need) -> Option<At<f64>> {
        let item = self.get(key, need)?;
        let number = item
            .value
            .as_float()
            .or(item.value.as_integer().map(|n| n as f64));
        let value = self.typed(key, number, &item, "a number")?;
        if !(value.is_finite() && value > 0.0) {
            self.report(
                item.line,
                format!("`{key}` is {value}; it must be above zero"),
            );
            return None;
        }
        Some(At {
            value,
            line: item.line,
        })
    }

    /// A number, also below zero.
    pub(crate) fn signed(&self, key: &'static str) -> Option<At<f64>> {
        let item = self.get(key, Need::Optional)?;
        let whole = item.value.as_integer().map(|n| n as f64);
        let number = item.value.as_float().or(whole).filter(|n| n.is_finite());
        let value = self.typed(key, number, &item, "a number")?;
        Some(At {
            value,
            line: item.line,
        })
    }

    /// A pattern that compiles.
    pub(crate) fn regex(&self, key: &'static str, need: Need) -> Option<At<Regex>> {
        let text = self.text(key, need)?;
        match Regex::new(&text.value) {
            Ok(value) => Some(At {
                value,
                line: text.line,
            }),
            Err(error) => {
                // The first lines draw the pattern; the last one says what is wrong.
                let error = error.to_string();
                let why = error
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                self.report(
                    text.line,
                    format!("`{key}` is not a regular expression: {why}"),
                );
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &self,
        key: &'static str,
        need: Need,
        choices: &[(&'static str, T)],
    ) -> Option<At<T>> {
        let text = self.text(key, need)?;
        let found = choices.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let hint = hint(
                &text.value,
                choices.iter().map(|(word, _)| *word),
                "it is one of",
            );
            self.report(
                text.line,
                format!("`{key}` cannot be `{}`{hint}", text.value),
            );
        }
        Some(At {
            value: found?.1,
            line: text.line,
        })
    }

    /// A list of texts, each with something in it.
    pub(crate) fn list(&self, key: &'static str, need: Need) -> Option<At<Vec<At<String>>>> {
        let item = self.get(key, need)?;
        let array = self.typed(key, item.value.as_array(), &item, "a list of strings")?;
        let mut list = Vec::new();
        for value in array {
            let line = value
                .span()
                .map_or(item.line, |span| self.reader.line_of(span.start));
            let Some(text) = value.as_str() else {
                self.report(
                    line,
                    format!("`{key}` holds {}, not a string", kind_of(value)),
                );
                continue;
            };
            list.extend(self.filled(key, text, line));
        }
        Some(At {
            value: list,
            line: item.line,
        })
    }

    /// A command: its program and its arguments.
    pub(crate) fn words(&self, key: &'static str) -> Option<At<Vec<String>>> {
        let list = self.list(key, Need::Optional)?;
        if list.value.is_empty() {
            self.report(list.line, format!("`{key}` names no program"));
        }
        Some(At {
            value: list.value.into_iter().map(|word| word.value).collect(),
            line: list.line,
        })
    }

    /// True or false.
    pub(crate) fn flag(&self, key: &'static str) -> Option<At<bool>> {
        let item = self.get(key, Need::Optional)?;
        let value = self.typed(key, item.value.as_bool(), &item, "true or false")?;
        Some(At {
            value,
            line: item.line,
        })
    }

    /// Names and texts (which may be empty), in the order of the file.
    pub(crate) fn pairs(&self, key: &'static str) -> Vec<(String, At<String>)> {
        let Some(table) = self.table(key, Need::Optional) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, item) in table.items.iter() {
            let line = table.line_of(name, item);
            match item.as_str() {
                Some(text) => pairs.push((
                    name.to_owned(),
                    At {
                        value: text.to_owned(),
                        line,
                    },
                )),
                None => self.report(line, format!("`{key}.{name}` must be a string")),
            }
        }
        pairs
    }

    /// A table below this one.
    pub(crate) fn table(&self, key: &'static str, need: Need) -> Option<Table<'r>> {
        let item = self.get(key, need)?;
        let items = self.typed(key, item.value.as_table_like(), &item, "a table")?;
        let path = self.path_of(key);
        Some(self.below(&path, &format!("[{path}]"), item.line, items))
    }

    /// The tables of a list below this one; none where the key is absent.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Table<'r>> {
        let Some(item) = self.get(key, Need::Optional) else {
            return Vec::new();
        };
        let path = self.path_of(key);
        let name = format!("[[{path}]]");
        let mut tables: Vec<(Option<usize>, &'r dyn TableLike)> = Vec::new();
        if let Some(array) = item.value.as_array_of_tables() {
            tables.extend(array.iter().map(|t| (t.span().map(|s| s.start), t as _)));
        } else if let Some(array) = item.value.as_array() {
            for value in array {
                let start = value.span().map(|s| s.start);
                match value.as_inline_table() {
                    Some(table) => tables.push((start, table)),
                    None => {
                        let line = start.map_or(item.line, |at| self.reader.line_of(at));
                        self.report(
                            line,
                            format!("{name} holds {}, not a table", kind_of(value)),
                        );
                    }
                }
            }
        } else {
            self.typed(key, None::<()>, &item, "a list of tables");
        }
        let line = |start: Option<usize>| start.map_or(item.line, |at| self.reader.line_of(at));
        tables
            .into_iter()
            .map(|(at, items)| self.below(&path, &name, line(at), items))
            .collect()
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, item) in self.items.iter().filter(|(key, _)| !asked.contains(key)) {
            let hint = hint(key, asked.iter().copied(), "known are");
            let line = self.line_of(key, item);
            self.report(
                line,
                format!("{} does not know the key `{key}`{hint}", self.name),
            );
        }
    }

    fn get(&self, key: &'static str, need: Need) -> Option<At<&'r Item>> {
        self.asked.borrow_mut().push(key);
        let item = self.items.get(key).filter(|item| !item.is_none());
        if item.is_none() && need == Need::Required {
            self.report(self.line, format!("{} lacks `{key}`", self.name));
        }
        let line = self.line_of(key, item?);
        item.map(|value| At { value, line })
    }

    fn typed<T>(&self, key: &str, value: Option<T>, item: &At<&Item>, wanted: &str) -> Option<T> {
        if value.is_none() {
            let found = match item.value {
                Item::Value(value) => kind_of(value),
                Item::ArrayOfTables(_) => "a list of tables",
                _ => "a table",
            };
            self.report(item.line, format!("`{key}` must be {wanted}, not {found}"));
        }
        value
    }

    fn filled(&self, key: &str, text: &str, line: u32) -> Option<At<String>> {
        if text.trim().is_empty() {
            self.report(line, format!("`{key}` must not be empty"));
            return None;
        }
        if text.contains('\0') {
            self.report(line, format!("`{key}` holds a NUL character"));
            return None;
        }
        Some(At {
            value: text.to_owned(),
            line,
        })
    }

    fn below(&self, path: &str, name: &str, line: u32, items: &'r dyn TableLike) -> Table<'r> {
        let (path, name) = (Some(path.to_owned()), name.to_owned());
        Table::new(self.reader, path, name, line, items)
    }

    /// Where a key below this table stands.
    fn path_of(&self, key: &str) -> String {
        match &self.path {
            Some(above) => format!("{above}.{key}"),
            None => key.to_owned(),
        }
    }

    fn line_of(&self, key: &str, item: &Item) -> u32 {
        let key = self
            .items
            .get_key_value(key)
            .and_then(|(key, _)| key.span());
        key.or(item.span())
            .map_or(self.line, |span| self.reader.line_of(span.start))
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::InlineTable(_) => "a table",
    }
}
