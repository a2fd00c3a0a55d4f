//! Lines of a report, laid out for the terminal's width.

use crate::cli::words::{fit, pad};
use console::measure_text_width;
use policy::sanitize;

/// Columns where nobody says how many there are: a pipe.
const COLUMNS: usize = 100;
/// Lines of one text.
const LINES: usize = 12;
/// Columns of a row's name.
const NAME: usize = 18;

/// A text that grows line by line.
pub(super) struct Page {
    pub(super) columns: usize,
    /// How many of a list's lines are shown.
    pub(super) most: usize,
    text: String,
}

impl Page {
    /// Of long lists, the largest and a count of the rest; or `all` of them.
    pub(super) fn new(columns: Option<usize>, all: bool) -> Page {
        Page {
            columns: columns.unwrap_or(COLUMNS).clamp(60, 160),
            most: if all { usize::MAX } else { 10 },
            text: String::new(),
        }
    }

    /// A line, cut to the width; what others brought into it begins no command.
    pub(super) fn line(&mut self, line: &str) {
        let line = sanitize::line(line);
        self.text.push_str(fit(&line, self.columns).trim_end());
        self.text.push('\n');
    }

    /// A heading with a blank line above it.
    pub(super) fn heading(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(title);
    }

    /// A name and what is said of it, wrapped at words below each other.
    pub(super) fn row(&mut self, name: &str, text: &str) {
        self.wrapped(&format!("  {}", pad(name, NAME)), text);
    }

    /// A text behind a head, wrapped at words below each other. Of a text that goes on and on,
    /// its beginning.
    pub(super) fn wrapped(&mut self, head: &str, text: &str) {
        let indent = measure_text_width(head);
        let width = self.columns.saturating_sub(indent);
        let most = match self.most {
            usize::MAX => usize::MAX,
            _ => LINES,
        };
        let (mut head, mut line, mut lines) = (head.to_owned(), String::new(), 0);
        for word in words(text, width) {
            let longer = measure_text_width(&line) + 1 + measure_text_width(&word);
            if !line.is_empty() && longer > width {
                self.line(&format!("{head}{line}"));
                head = " ".repeat(indent);
                line.clear();
                lines += 1;
                if lines == most {
                    line.push('…');
                    break;
                }
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        self.line(&format!("{head}{line}"));
    }

    /// A list on one or two lines: as many as fit, and how many more there are.
    pub(super) fn list(&mut self, name: &str, said: &str, items: &[String]) {
        let room = match self.most {
            usize::MAX => usize::MAX,
            _ => (self.columns - 24) * 2 - said.len().min(self.columns),
        };
        let (mut text, mut taken) = (said.to_owned(), 0);
        for item in items {
            let longer = measure_text_width(&text) + item.len() + 12;
            if taken > 0 && longer > room {
                break;
            }
            text.push_str(if taken > 0 {
                ", "
            } else if said.is_empty() {
                ""
            } else {
                ": "
            });
            text.push_str(item);
            taken += 1;
        }
        if taken < items.len() {
            text.push_str(&format!(", … {} more", items.len() - taken));
        }
        self.row(name, &text);
    }

    /// A line for each of a list, as far as lists are shown, and one for the rest.
    pub(super) fn lines<T>(
        &mut self,
        all: &[T],
        line: impl Fn(&T) -> String,
        left: impl Fn(&[T]) -> String,
    ) {
        let (shown, rest) = all.split_at(all.len().min(self.most));
        for one in shown {
            self.line(&line(one));
        }
        if !rest.is_empty() {
            self.line(&left(rest));
        }
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}

/// The words of a text: a number keeps its unit, and what is wider than a line is broken.
fn words(text: &str, width: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let bare = word.trim_end_matches([',', '.', ';', ':', ')']);
        if let Some(number) = words.last_mut()
            && ["B", "kB", "MB", "%"].contains(&bare)
        {
            number.push(' ');
            number.push_str(word);
            continue;
        }
        let mut part = String::new();
        for c in word.chars() {
            if measure_text_width(&part) + 2 > width {
                words.push(std::mem::take(&mut part));
            }
            part.push(c);
        }
        words.push(part);
    }
    words
}
