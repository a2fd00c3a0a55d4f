//! One TOML file being read: its lines, and problems collected instead of stopping at the
//! first. What its tables hold is read by `table`. Knows no labs.

use crate::diagnostic::Diagnostic;
use std::cell::RefCell;
use std::fmt::{self, Display};
use toml_edit::ImDocument;

/// A value and the line it stands on, of which it can report what is wrong.
#[derive(Clone, Copy)]
pub(crate) struct At<'r, T> {
    pub(crate) value: T,
    pub(crate) line: u32,
    reader: &'r Reader<'r>,
}

impl<T: Display> Display for At<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'r, T> At<'r, T> {
    /// Another value on the same line.
    pub(crate) fn with<U>(&self, value: U) -> At<'r, U> {
        self.reader.at(self.line, value)
    }

    pub(crate) fn report(&self, text: impl Into<String>) {
        self.reader
            .report_in(self.reader.file, Some(self.line), text);
    }
}

/// Whether a key may be left out.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Need {
    Required,
    Optional,
}

/// One file being read.
pub(crate) struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    /// Where each line but the first begins, in bytes.
    lines: Vec<usize>,
    problems: RefCell<Vec<Diagnostic>>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Reader {
            file,
            text,
            lines: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
            problems: RefCell::default(),
        }
    }

    /// The document, or its syntax error reported.
    pub(crate) fn parse(&self) -> Option<ImDocument<String>> {
        match ImDocument::parse(self.text.to_owned()) {
            Ok(document) => Some(document),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line_of(span.start));
                let text = error.message().trim().replace('\n', "; ");
                self.at(line, ()).report(format!("not valid TOML: {text}"));
                None
            }
        }
    }

    pub(crate) fn at<T>(&self, line: u32, value: T) -> At<'_, T> {
        At {
            value,
            line,
            reader: self,
        }
    }

    pub(crate) fn report_in(&self, file: &str, line: Option<u32>, text: impl Into<String>) {
        let problem = Diagnostic {
            file: file.into(),
            line,
            text: text.into(),
        };
        self.problems.borrow_mut().push(problem);
    }

    /// How many problems there are so far.
    pub(crate) fn reported(&self) -> usize {
        self.problems.borrow().len()
    }

    pub(crate) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems.into_inner()
    }

    /// Lines count from 1; what lies behind the last newline belongs to the last line.
    pub(crate) fn line_of(&self, offset: usize) -> u32 {
        let before = self.lines.partition_point(|begins| *begins <= offset);
        // What follows a last newline is no line of its own.
        let last = match self.text.ends_with('\n') {
            true => self.lines.len().max(1) - 1,
            false => self.lines.len(),
        };
        u32::try_from(before.min(last) + 1).unwrap_or(u32::MAX)
    }
}
