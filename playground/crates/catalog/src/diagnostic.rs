//! What is wrong with the content, all of it, where it stands.

use policy::UserError;
use serde::Serialize;
use std::fmt;

/// One thing wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// Path from the project's root, with `/`.
    pub file: String,
    /// From 1; absent where the problem is not inside a text file.
    pub line: Option<u32>,
    /// What is wrong, and what was probably meant.
    pub text: String,
}

impl Diagnostic {
    /// Something wrong with a file as a whole.
    pub fn of(file: impl Into<String>, text: impl Into<String>) -> Diagnostic {
        Diagnostic {
            file: file.into(),
            line: None,
            text: text.into(),
        }
    }

    /// Something wrong on a line of a file, from 1.
    pub fn at(file: impl Into<String>, line: u32, text: impl Into<String>) -> Diagnostic {
        Diagnostic {
            line: Some(line),
            ..Diagnostic::of(file, text)
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.text),
            None => write!(f, "{}: {}", self.file, self.text),
        }
    }
}

/// Every problem found, by file and line; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Sorts what was found; `None` where nothing was.
    pub fn found(mut problems: Vec<Diagnostic>) -> Option<Self> {
        problems.sort();
        problems.dedup();
        (!problems.is_empty()).then_some(Diagnostics(problems))
    }

    /// In order of file and line.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// As an error for people.
    pub fn error(&self) -> UserError {
        let count = self.0.len();
        UserError {
            what: format!("labs and claims cannot be read: {}", counted(count)),
            cause: self
                .0
                .iter()
                .map(Diagnostic::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
            next: "mend the lines named above; CONTRIBUTING.md says what a lab.toml holds".into(),
        }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in labs and claims", counted(self.0.len()))?;
        self.0
            .iter()
            .try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl std::error::Error for Diagnostics {}

fn counted(count: usize) -> String {
    if count == 1 {
        "1 problem".into()
    } else {
        format!("{count} problems")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(file: &str, line: Option<u32>, text: &str) -> Diagnostic {
        Diagnostic {
            file: file.into(),
            line,
            text: text.into(),
        }
    }

    #[test]
    fn problems_are_listed_by_file_and_line_and_once() {
        let problems = Diagnostics::found(vec![
            problem("b/lab.toml", Some(10), "late"),
            problem("b/lab.toml", Some(9), "early"),
            problem("a/notes.txt", None, "stray"),
            problem("b/lab.toml", Some(9), "early"),
        ]);
        assert_eq!(
            problems.map(|p| p.to_string()).unwrap_or_default(),
            "3 problems in labs and claims\na/notes.txt: stray\nb/lab.toml:9: early\nb/lab.toml:10: late"
        );
        assert_eq!(Diagnostics::found(vec![]), None);
    }
}
