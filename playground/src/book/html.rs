//! Text made safe for HTML that travels through Markdown.

use std::path::Path;

/// Escapes text for an element or a quoted attribute.
///
/// Line ends become character references: a blank line inside a raw HTML block
/// would end the block, and Markdown would take the rest for prose.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => {}
            // mdBook's link preprocessor has already run, but the print page and
            // other renderers may look for its braces again.
            '{' => escaped.push_str("&#123;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// From a chapter to the book's top.
pub(super) fn up(chapter: &Path) -> String {
    "../".repeat(chapter.components().count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn blank_lines_and_markup_survive() {
        assert_eq!(
            escape("a\n\n<b>\"&'"),
            "a&#10;&#10;&lt;b&gt;&quot;&amp;&#39;"
        );
    }

    #[test]
    fn directives_in_sources_stay_text() {
        assert_eq!(escape("{{#lab x}}"), "&#123;&#123;#lab x}}");
    }
}
