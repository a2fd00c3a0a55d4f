//! Which lines of a page are prose, and which stand inside a fence.

/// What a line of Markdown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// Text that is rendered as text, also inside an admonition.
    Prose,
    /// The beginning of a fence, with what is written behind its marks.
    Opens(&'l str),
    /// A line of a fence.
    Code,
    /// The end of a fence.
    Closes,
}

/// Follows a page line by line.
#[derive(Debug, Default)]
pub(super) struct Fences {
    open: Vec<Fence>,
}

#[derive(Debug)]
struct Fence {
    marks: String,
    /// An admonition holds Markdown, everything else is code.
    prose: bool,
}

impl Fences {
    /// Takes the next line.
    pub(super) fn line<'l>(&mut self, line: &'l str) -> Line<'l> {
        let inside = match self.open.last() {
            Some(fence) if !fence.prose => Line::Code,
            _ => Line::Prose,
        };
        let trimmed = line.trim();
        let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'));
        let Some(mark) = mark else { return inside };
        let (marks, info) =
            trimmed.split_at(trimmed.len() - trimmed.trim_start_matches(mark).len());
        if marks.len() < 3 || (mark == '`' && info.contains('`')) {
            return inside;
        }
        if let Some(fence) = self.open.last()
            && marks.starts_with(&fence.marks)
        {
            if !info.is_empty() {
                return inside;
            }
            self.open.pop();
            return Line::Closes;
        }
        if inside == Line::Code {
            return Line::Code;
        }
        let info = info.trim();
        self.open.push(Fence {
            marks: marks.to_owned(),
            prose: info.split([' ', ',']).next() == Some("admonish"),
        });
        Line::Opens(info)
    }

    /// Whether the next line stands outside of everything.
    pub(super) fn outside(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(markdown: &str) -> Vec<Line<'_>> {
        let mut fences = Fences::default();
        markdown.lines().map(|line| fences.line(line)).collect()
    }

    #[test]
    fn code_is_told_from_prose() {
        use Line::{Closes, Code, Opens, Prose};
        assert_eq!(
            lines("a\n```text\nb\n~~~\n```\nc"),
            [Prose, Opens("text"), Code, Code, Closes, Prose]
        );
        assert_eq!(
            lines("````md\n```\nb\n````\n```inline``` d"),
            [Opens("md"), Code, Code, Closes, Prose]
        );
        assert_eq!(
            lines("  ~~~ text,elsewhere\n  b\n  ~~~~\nc"),
            [Opens("text,elsewhere"), Code, Closes, Prose]
        );
    }

    #[test]
    fn an_admonition_holds_prose_and_fences() {
        use Line::{Closes, Code, Opens, Prose};
        assert_eq!(
            lines("````admonish note title=\"x\"\na\n```text\nb\n```\nc\n````\nd"),
            [
                Opens("admonish note title=\"x\""),
                Prose,
                Opens("text"),
                Code,
                Closes,
                Prose,
                Closes,
                Prose
            ]
        );
    }
}
