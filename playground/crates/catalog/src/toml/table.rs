//! A strict reader over one TOML table.
//!
//! A [`Table`] remembers which keys it was asked for; [`Table::finish`] reports the
//! rest as unknown. Values come with the line they stand on. Knows no labs.

use crate::pattern::{Case, compile};
use crate::toml::reader::{At, Need, Reader};
use crate::toml::word::Word;
use policy::suggest::hint;
use regex::Regex;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use toml_edit::{ImDocument, Item, TableLike, Value};

/// A table being read.
pub(crate) struct Table<'r> {
    reader: &'r Reader<'r>,
    /// As the file writes it between brackets: `variant.probe`; none at the top.
    path: Option<String>,
    /// As reports call it: `[[variant.probe]]`.
    name: String,
    /// Where it begins.
    pub(crate) at: At<'r, ()>,
    items: &'r dyn TableLike,
    asked: RefCell<Vec<&'static str>>,
}

impl<'r> Table<'r> {
    /// The top level of a document.
    pub(crate) fn root(reader: &'r Reader<'r>, document: &'r ImDocument<String>) -> Table<'r> {
        Table::root_of("the lab", reader, document)
    }

    /// The same of something else, by the name that reports give it.
    pub(crate) fn root_of(
        name: &str,
        reader: &'r Reader<'r>,
        document: &'r ImDocument<String>,
    ) -> Table<'r> {
        Table {
            reader,
            path: None,
            name: name.into(),
            at: reader.at(1, ()),
            items: document.as_table(),
            asked: RefCell::default(),
        }
    }

    /// Reports something wrong with the table as a whole.
    pub(crate) fn report(&self, text: impl Into<String>) {
        self.at.report(text);
    }

    /// How many problems the file has so far.
    pub(crate) fn reported(&self) -> usize {
        self.reader.reported()
    }

    /// Whether the key is there at all, right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.items.contains_key(key)
    }

    /// Where a key stands that is there.
    pub(crate) fn place(&self, key: &str) -> Option<At<'r, ()>> {
        let (name, item) = self.items.get_key_value(key)?;
        Some(self.begin(name.span().or(item.span()), self.at))
    }

    /// Keeps a key that nobody reads from being reported as unknown.
    pub(crate) fn knows(&self, key: &'static str) {
        self.asked.borrow_mut().push(key);
    }

    /// Text with something in it.
    pub(crate) fn text(&self, key: &'static str, need: Need) -> Option<At<'r, String>> {
        let item = self.get(key, need)?;
        let text = typed(key, item.value.as_str(), &item, "a string")?;
        filled(key, &item.with(text))
    }

    /// A whole number within `range`.
    pub(crate) fn integer<T: TryFrom<i64> + PartialOrd + Display>(
        &self,
        key: &'static str,
        need: Need,
        range: RangeInclusive<T>,
    ) -> Option<At<'r, T>> {
        let item = self.get(key, need)?;
        let number = typed(key, item.value.as_integer(), &item, "a whole number")?;
        let value = T::try_from(number)
            .ok()
            .filter(|value| range.contains(value));
        if value.is_none() {
            let (low, high) = range.into_inner();
            item.report(format!("`{key}` is {number}; it must be {low} to {high}"));
        }
        Some(item.with(value?))
    }

    /// A whole number within `range` that may be left out.
    pub(crate) fn setting<T: TryFrom<i64> + PartialOrd + Display>(
        &self,
        key: &'static str,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let number = self.integer(key, Need::Optional, range);
        number.map(|number| number.value)
    }

    /// A number above zero.
    pub(crate) fn number(&self, key: &'static str, need: Need) -> Option<At<'r, f64>> {
        let item = self.get(key, need)?;
        let whole = item.value.as_integer().map(|n| n as f64);
        let value = typed(key, item.value.as_float().or(whole), &item, "a number")?;
        if !(value.is_finite() && value > 0.0) {
            item.report(format!("`{key}` is {value}; it must be above zero"));
            return None;
        }
        Some(item.with(value))
    }

    /// A number, also below zero.
    pub(crate) fn signed(&self, key: &'static str) -> Option<At<'r, f64>> {
        let item = self.get(key, Need::Optional)?;
        let whole = item.value.as_integer().map(|n| n as f64);
        let number = item.value.as_float().or(whole).filter(|n| n.is_finite());
        let value = typed(key, number, &item, "a number")?;
        Some(item.with(value))
    }

    /// A pattern that compiles.
    pub(crate) fn regex(&self, key: &'static str, need: Need) -> Option<At<'r, Regex>> {
        compiled(key, &self.text(key, need)?)
    }

    /// A list of patterns, at least one; `None` where one of them does not compile.
    pub(crate) fn patterns(&self, key: &'static str) -> Option<Vec<Regex>> {
        let list = self.list(key, Need::Required)?;
        if list.value.is_empty() {
            list.report(format!("`{key}` holds no pattern"));
        }
        // All are tried, so that all of their problems are told.
        let tried: Vec<_> = list.value.iter().map(|text| compiled(key, text)).collect();
        let patterns = tried.into_iter().map(|regex| Some(regex?.value));
        patterns.collect()
    }

    /// One of an enum's words.
    pub(crate) fn choice<T: DeserializeOwned>(
        &self,
        key: &'static str,
        need: Need,
    ) -> Option<At<'r, T>> {
        let text = self.text(key, need)?;
        let words = Cell::default();
        let word = Word {
            text: &text.value,
            words: &words,
        };
        let found = T::deserialize(word).ok();
        if found.is_none() {
            let hint = hint(&text.value, words.get().iter().copied(), "it is one of");
            text.report(format!("`{key}` cannot be `{text}`{hint}"));
        }
        Some(text.with(found?))
    }

    /// A list of texts, each with something in it.
    pub(crate) fn list(
        &self,
        key: &'static str,
        need: Need,
    ) -> Option<At<'r, Vec<At<'r, String>>>> {
        let item = self.get(key, need)?;
        let array = typed(key, item.value.as_array(), &item, "a list of strings")?;
        let texts = array.iter().filter_map(|value| {
            let at = self.begin(value.span(), item.with(()));
            let Some(text) = value.as_str() else {
                at.report(format!("`{key}` holds {}, not a string", kind_of(value)));
                return None;
            };
            filled(key, &at.with(text))
        });
        Some(item.with(texts.collect()))
    }

    /// The texts of a list that may be left out.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<At<'r, String>> {
        let list = self.list(key, Need::Optional);
        list.map(|list| list.value).unwrap_or_default()
    }

    /// A command: its program and its arguments.
    pub(crate) fn words(&self, key: &'static str) -> Option<Vec<String>> {
        let list = self.list(key, Need::Optional)?;
        if list.value.is_empty() {
            list.report(format!("`{key}` names no program"));
        }
        Some(list.value.into_iter().map(|word| word.value).collect())
    }

    /// True or false.
    pub(crate) fn flag(&self, key: &'static str) -> Option<At<'r, bool>> {
        let item = self.get(key, Need::Optional)?;
        let value = typed(key, item.value.as_bool(), &item, "true or false")?;
        Some(item.with(value))
    }

    /// Names and texts (which may be empty), in the order of the file.
    pub(crate) fn pairs(&self, key: &'static str) -> Vec<(String, At<'r, String>)> {
        let Some(table) = self.table(key, Need::Optional) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, item) in table.items.iter() {
            let at = table.place(name).unwrap_or(table.at);
            match item.as_str() {
                Some(text) => pairs.push((name.to_owned(), at.with(text.to_owned()))),
                None => at.report(format!("`{key}.{name}` must be a string")),
            }
        }
        pairs
    }

    /// A table below this one.
    pub(crate) fn table(&self, key: &'static str, need: Need) -> Option<Table<'r>> {
        let item = self.get(key, need)?;
        let items = typed(key, item.value.as_table_like(), &item, "a table")?;
        let path = self.path_of(key);
        Some(self.below(&path, format!("[{path}]"), item.with(()), items))
    }

    /// The tables of a list below this one; none where the key is absent.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Table<'r>> {
        let Some(item) = self.get(key, Need::Optional) else {
            return Vec::new();
        };
        let path = self.path_of(key);
        let name = format!("[[{path}]]");
        let place = |span| self.begin(span, item.with(()));
        let mut tables = Vec::new();
        let mut found = |at, items| tables.push(self.below(&path, name.clone(), at, items));
        if let Some(array) = item.value.as_array_of_tables() {
            array
                .iter()
                .for_each(|table| found(place(table.span()), table));
        } else if let Some(array) = item.value.as_array() {
            for value in array {
                let at = place(value.span());
                match value.as_inline_table() {
                    Some(table) => found(at, table),
                    None => at.report(format!("{name} holds {}, not a table", kind_of(value))),
                }
            }
        } else {
            typed(key, None::<()>, &item, "a list of tables");
        }
        tables
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.items.iter().filter(|(key, _)| !asked.contains(key)) {
            let hint = hint(key, asked.iter().copied(), "known are");
            let at = self.place(key).unwrap_or(self.at);
            at.report(format!("{} does not know the key `{key}`{hint}", self.name));
        }
    }

    fn get(&self, key: &'static str, need: Need) -> Option<At<'r, &'r Item>> {
        self.knows(key);
        let item = self.items.get(key).filter(|item| !item.is_none());
        if item.is_none() && need == Need::Required {
            self.report(format!("{} lacks `{key}`", self.name));
        }
        Some(self.place(key)?.with(item?))
    }

    fn below(
        &self,
        path: &str,
        name: String,
        at: At<'r, ()>,
        items: &'r dyn TableLike,
    ) -> Table<'r> {
        Table {
            reader: self.reader,
            path: Some(path.to_owned()),
            name,
            at,
            items,
            asked: RefCell::default(),
        }
    }

    /// Where a key below this table stands.
    fn path_of(&self, key: &str) -> String {
        match &self.path {
            Some(above) => format!("{above}.{key}"),
            None => key.to_owned(),
        }
    }

    /// The line on which a stretch of the file begins, or another where it is not known.
    fn begin(&self, span: Option<Range<usize>>, other: At<'r, ()>) -> At<'r, ()> {
        let line = span.map(|span| self.reader.line_of(span.start));
        line.map_or(other, |line| self.reader.at(line, ()))
    }
}

fn typed<T>(key: &str, value: Option<T>, item: &At<'_, &Item>, wanted: &str) -> Option<T> {
    if value.is_none() {
        let found = match item.value {
            Item::Value(value) => kind_of(value),
            Item::ArrayOfTables(_) => "a list of tables",
            _ => "a table",
        };
        item.report(format!("`{key}` must be {wanted}, not {found}"));
    }
    value
}

/// A pattern as it stands there, or why it is none.
pub(crate) fn compiled<'r>(key: &str, text: &At<'r, String>) -> Option<At<'r, Regex>> {
    let regex = compile(&text.value, Case::Matters).map_err(|error| {
        // The first lines draw the pattern; the last one says what is wrong.
        let error = error.to_string();
        let why = error.lines().last().unwrap_or_default();
        let why = why.trim_start_matches("error: ");
        text.report(format!("`{key}` is not a regular expression: {why}"));
    });
    Some(text.with(regex.ok()?))
}

fn filled<'r>(key: &str, text: &At<'r, &str>) -> Option<At<'r, String>> {
    if text.value.trim().is_empty() {
        text.report(format!("`{key}` must not be empty"));
        return None;
    }
    if text.value.contains('\0') {
        text.report(format!("`{key}` holds a NUL character"));
        return None;
    }
    Some(text.with(text.value.to_owned()))
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
