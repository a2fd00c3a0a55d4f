//! A repository's budget: what its image may cost, in a file of the repository's own.
//!
//! Read strictly, since a budget that is not understood holds nothing: every problem of the file is
//! told at once, with its line. A link, or anything else that is no plain file, is no budget.

use catalog::{Diagnostic, Diagnostics};
use policy::UserError;
use policy::suggest::hint;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use toml_edit::{ImDocument, Item, Value};

/// Where a repository keeps its budget.
pub const BUDGET_FILE: &str = ".adopt.toml";
/// A budget in bytes: four lines, and what somebody has to say about them.
const MAX_BYTES: u64 = 64 << 10;

/// A key of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Unpacked,
    Compressed,
    Answer,
    Findings,
}

impl Key {
    const ALL: [Key; 4] = [Key::Unpacked, Key::Compressed, Key::Answer, Key::Findings];

    pub(super) fn name(self) -> &'static str {
        match self {
            Key::Unpacked => "unpacked_mb",
            Key::Compressed => "compressed_mb",
            Key::Answer => "answer_ms",
            Key::Findings => "findings",
        }
    }

    /// What may stand behind it; a whole number, or also one with a fraction.
    fn range(self) -> (f64, f64, Fraction) {
        match self {
            Key::Unpacked | Key::Compressed => (0.001, 1e6, Fraction::Allowed),
            Key::Answer => (1.0, 600_000.0, Fraction::None),
            Key::Findings => (0.0, 10_000.0, Fraction::None),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Fraction {
    Allowed,
    None,
}

/// What an image may cost at most: by key, with the line that says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// The file, as people name it.
    pub(super) file: String,
    limits: BTreeMap<Key, (f64, u32)>,
}

impl Budget {
    /// The budget of a repository; nothing is limited where it has no such file.
    ///
    /// # Errors
    /// The file is there and makes no sense.
    pub fn of(root: &Path) -> Result<Budget, UserError> {
        match fs::symlink_metadata(root.join(BUDGET_FILE)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Budget::default()),
            _ => Budget::read(&root.join(BUDGET_FILE), BUDGET_FILE),
        }
    }

    /// The budget in a file, which people know by this name.
    ///
    /// # Errors
    /// It is not there, no plain file, or makes no sense.
    pub fn read(path: &Path, name: &str) -> Result<Budget, UserError> {
        let no = |why: String| UserError {
            what: format!("{name} cannot be used: {why}"),
            cause: "a budget is a small text file, and neither a link nor a folder".into(),
            next: format!("correct {name}, or remove it"),
        };
        let meta = fs::symlink_metadata(path).map_err(|error| no(error.to_string()))?;
        if !meta.is_file() || meta.len() > MAX_BYTES {
            return Err(no(match meta.is_file() {
                true => format!("it has {} bytes", meta.len()),
                false => "it is no plain file".into(),
            }));
        }
        let text = fs::read_to_string(path).map_err(|error| no(error.to_string()))?;
        Budget::parse(name, &text).map_err(|problems| UserError {
            what: format!("{name} cannot be used:"),
            cause: problems
                .iter()
                .map(Diagnostic::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
            next: "correct these lines: it may hold unpacked_mb, compressed_mb, answer_ms and \
                   findings"
                .into(),
        })
    }

    /// The budget in a text, or all that is wrong with it.
    fn parse(file: &str, text: &str) -> Result<Budget, Diagnostics> {
        let line_of = |at: usize| {
            let before = text.as_bytes().iter().take(at);
            let lines = before.filter(|byte| **byte == b'\n').count();
            u32::try_from(lines + 1).unwrap_or(u32::MAX)
        };
        let mut problems = Vec::new();
        let mut budget = Budget {
            file: file.to_owned(),
            limits: BTreeMap::new(),
        };
        let document = match ImDocument::parse(text.to_owned()) {
            Ok(document) => document,
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(span.start));
                let said = error.message().trim().replace('\n', "; ");
                problems.push(Diagnostic::at(
                    file,
                    line,
                    format!("not valid TOML: {said}"),
                ));
                return Err(Diagnostics::found(problems).unwrap_or_else(|| unreachable!("one")));
            }
        };
        for (name, item) in document.as_table().iter() {
            let span = document.as_table().key(name).and_then(|key| key.span());
            let line = span.or(item.span()).map_or(1, |span| line_of(span.start));
            let mut wrong = |text: String| problems.push(Diagnostic::at(file, line, text));
            let Some(key) = Key::ALL.into_iter().find(|key| key.name() == name) else {
                let known = Key::ALL.map(Key::name);
                wrong(format!(
                    "there is no key `{name}`{}",
                    hint(name, known, "there are")
                ));
                continue;
            };
            let (low, high, fraction) = key.range();
            match number(item, fraction) {
                Some(value) if (low..=high).contains(&value) => {
                    budget.limits.insert(key, (value, line));
                }
                Some(value) => wrong(format!("`{name}` is {value}; it must be {low} to {high}")),
                None => wrong(match fraction {
                    Fraction::Allowed => format!("`{name}` must be a number"),
                    Fraction::None => format!("`{name}` must be a whole number"),
                }),
            }
        }
        match Diagnostics::found(problems) {
            Some(problems) => Err(problems),
            None => Ok(budget),
        }
    }

    /// The line that is broken by this value, and what it allows.
    pub(super) fn broken(&self, key: Key, is: f64) -> Option<(f64, u32)> {
        let limit = self.limits.get(&key).copied();
        limit.filter(|(may, _)| is > *may)
    }
}

#[expect(clippy::cast_precision_loss, reason = "limits are far below 2⁵³")]
fn number(item: &Item, fraction: Fraction) -> Option<f64> {
    match item.as_value()? {
        Value::Integer(whole) => Some(*whole.value() as f64),
        Value::Float(float) if fraction == Fraction::Allowed => {
            Some(*float.value()).filter(|value| value.is_finite())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn told(text: &str) -> String {
        match Budget::parse("b.toml", text) {
            Ok(budget) => panic!("{budget:?}"),
            Err(problems) => {
                let lines: Vec<_> = problems.iter().map(Diagnostic::to_string).collect();
                lines.join("\n")
            }
        }
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_line() {
        let text = "# what it may cost\nunpacked = 9\ncompressed_mb = \"5\"\n\nanswer_ms = 0\n\
                    findings = 1.5\n[more]\nx = 1\n";
        assert_eq!(
            told(text),
            "b.toml:2: there is no key `unpacked`; did you mean `unpacked_mb`?\n\
             b.toml:3: `compressed_mb` must be a number\n\
             b.toml:5: `answer_ms` is 0; it must be 1 to 600000\n\
             b.toml:6: `findings` must be a whole number\n\
             b.toml:7: there is no key `more`; there are `unpacked_mb`, `compressed_mb`, \
             `answer_ms`, `findings`"
        );
        for endless in [
            "unpacked_mb = inf\n",
            "unpacked_mb = nan\n",
            "unpacked_mb = -1\n",
        ] {
            assert!(told(endless).starts_with("b.toml:1: "), "{endless}");
        }
        assert!(told("findings = 1\nfindings = 2\n").starts_with("b.toml:2: not valid TOML"));
        assert!(told("findings = \n").starts_with("b.toml:1: not valid TOML"));
    }

    #[test]
    fn whole_numbers_and_fractions_are_limits_with_their_lines() {
        let text = "\nunpacked_mb = 8.5\ncompressed_mb = 5\nfindings = 0\n";
        let budget = Budget::parse("b.toml", text).expect("sound");
        assert_eq!(budget.broken(Key::Unpacked, 8.6), Some((8.5, 2)));
        assert_eq!(budget.broken(Key::Unpacked, 8.5), None);
        assert_eq!(budget.broken(Key::Findings, 1.0), Some((0.0, 4)));
        assert_eq!(budget.broken(Key::Answer, 1e9), None);
    }

    /// A link would let a stranger's repository have any file of the machine read out as problems.
    #[test]
    fn a_link_is_no_budget_and_none_of_it_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = dir.path().join("secret");
        fs::write(&secret, "s3cret = 1\n").expect("written");
        assert!(
            Budget::of(dir.path()).is_ok(),
            "without one nothing is limited"
        );
        symlink(&secret, dir.path().join(BUDGET_FILE)).expect("linked");
        let error = Budget::of(dir.path()).expect_err("a link").to_string();
        assert!(
            error.contains("no plain file") && !error.contains("s3cret"),
            "{error}"
        );
        fs::remove_file(dir.path().join(BUDGET_FILE)).expect("removed");
        fs::create_dir(dir.path().join(BUDGET_FILE)).expect("made");
        assert!(Budget::of(dir.path()).is_err());
    }
}
