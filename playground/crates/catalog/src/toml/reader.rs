//! One TOML file being read: its lines, and problems collected instead of stopping at the
//! first. What its tables hold is read by `table`. Knows no labs.

use crate::diagnostic::Diagnostic;
use std::cell::RefCell;
use toml_edit::ImDocument;

/// A value and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) line: u32,
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
    problems: RefCell<Vec<Diagnostic>>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Reader {
            file,
            text,
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
                self.report(line, format!("not valid TOML: {text}"));
                None
            }
        }
    }

    pub(crate) fn report(&self, line: u32, text: impl Into<String>) {
        self.report_in(self.file, Some(line), text);
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
        let newlines = |bytes: &[u8]| bytes.iter().filter(|b| **b == b'\n').count();
        let before = newlines(&self.text.as_bytes()[..offset.min(self.text.len())]);
        let last = self.text.lines().count().max(1) - 1;
        u32::try_from(before.min(last) + 1).unwrap_or(u32::MAX)
    }
}
