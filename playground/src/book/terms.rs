//! The glossary's words where they first occur on a page: links to their entry, with what it says.
//! Headings, links, code, raw HTML and directives are left alone.

use super::html::escape;
use mdbook::BookItem;
use mdbook::book::Book;
use mdbook::utils::new_cmark_parser;
use pulldown_cmark::{Event, Tag, TagEnd};
use regex::Regex;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

/// From the book's top.
const GLOSSARY: &str = "glossary.md";
/// Pages that are lists of words themselves.
const UNMARKED: [&str; 2] = [GLOSSARY, "cheatsheet.md"];

/// An entry: `class="plain"` keeps a word that mostly means something else from being marked.
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(?s)<dt id="(term-[^"]+)"( class="plain")?>(.*?)</dt>\s*<dd>(.*?)</dd>"#)
});
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| regex("<[^>]*>"));
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| regex(r"\{\{[^}]*\}\}"));
/// The end of a definition that only points somewhere.
static SEE: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*See [^.]*\.$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("{error}"))
}

/// What the glossary explains.
#[derive(Default)]
pub(super) struct Terms(Vec<Term>);

/// A term, and where it is said.
type Found<'t> = (Range<usize>, &'t Term);

struct Term {
    id: String,
    /// As it stands in a sentence, in one or several.
    said: Regex,
    /// Without markup, on one line, safe for an attribute in Markdown.
    definition: String,
}

impl Terms {
    /// Those of a book; none if it has no glossary.
    pub(super) fn of(book: &Book) -> Terms {
        let glossary = book.iter().find_map(|item| match item {
            BookItem::Chapter(chapter) if is(chapter.path.as_deref(), GLOSSARY) => {
                Some(chapter.content.as_str())
            }
            _ => None,
        });
        Terms::read(glossary.unwrap_or_default())
    }

    fn read(glossary: &str) -> Terms {
        let marked = ENTRY
            .captures_iter(glossary)
            .filter(|entry| entry.get(2).is_none());
        let mut terms: Vec<_> = marked
            .flat_map(|entry| {
                let definition = plain(&entry[4]);
                let names: Vec<_> = entry[3].split(", ").map(str::to_owned).collect();
                let id = entry[1].to_owned();
                names
                    .into_iter()
                    .map(move |name| (name, id.clone(), definition.clone()))
            })
            .collect();
        // `cache mount` before a `mount`.
        terms.sort_by_key(|(name, ..)| std::cmp::Reverse(name.len()));
        let terms = terms.into_iter().map(|(name, id, definition)| Term {
            said: said(&name),
            id,
            definition,
        });
        Terms(terms.collect())
    }

    /// A chapter with the first occurrence of each term marked; lines stay where they are.
    pub(super) fn mark(&self, markdown: &str, chapter: &Path, up: &str) -> String {
        if self.0.is_empty() || UNMARKED.iter().any(|page| is(Some(chapter), page)) {
            return markdown.to_owned();
        }
        let mut free = prose(markdown);
        let mut found: Vec<Found<'_>> = Vec::new();
        for term in &self.0 {
            let first = free.iter().enumerate().find_map(|(at, piece)| {
                let within = term.first_in(markdown, piece, &found)?;
                Some((at, within))
            });
            let Some((at, within)) = first else { continue };
            let piece = free.remove(at);
            free.insert(at, within.end..piece.end);
            free.insert(at, piece.start..within.start);
            if found.iter().all(|(_, other)| other.id != term.id) {
                found.push((within, term));
            }
        }
        found.sort_by_key(|(range, _)| range.start);
        let mut marked = String::with_capacity(markdown.len() * 2);
        let mut done = 0;
        for (range, Term { id, definition, .. }) in found {
            marked.push_str(&markdown[done..range.start]);
            let word = &markdown[range.clone()];
            marked.push_str(&format!(
                r#"<a class="term" href="{up}{GLOSSARY}#{id}" data-definition="{definition}">{word}</a>"#
            ));
            done = range.end;
        }
        marked.push_str(&markdown[done..]);
        marked
    }
}

impl Term {
    /// `found` are others: a word right behind one of them is part of a name, as in
    /// `distroless static`.
    fn first_in(
        &self,
        markdown: &str,
        piece: &Range<usize>,
        found: &[Found<'_>],
    ) -> Option<Range<usize>> {
        let mut said = self.said.find_iter(&markdown[piece.clone()]);
        said.find_map(|word| {
            let range = piece.start + word.start()..piece.start + word.end();
            let before = markdown[..range.start].chars().next_back();
            let mut after = markdown[range.end..].chars();
            let (after, then) = (after.next(), after.next());
            let goes_on =
                |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "-_/=:".contains(c));
            let dotted = after == Some('.') && then.is_some_and(char::is_alphanumeric);
            let colon = after == Some(':') && then.is_none_or(char::is_whitespace);
            let apart =
                !goes_on(before) && before != Some('.') && (!goes_on(after) || colon) && !dotted;
            let named =
                found.iter().any(|(other, _)| other.end + 1 == range.start) && before == Some(' ');
            (apart && !named).then_some(range)
        })
    }
}

fn is(chapter: Option<&Path>, page: &str) -> bool {
    chapter == Some(Path::new(page))
}

/// `Layer` is said as `layer`, too, and `layers`; `PIE` and `cgo` only so.
fn said(name: &str) -> Regex {
    let mut letters = name.chars();
    let first = letters.next().unwrap_or_default();
    let rest = letters.as_str();
    let word = first.is_uppercase() && !rest.contains(char::is_uppercase);
    let (first, plural) = match word {
        true => (format!("[{first}{}]", first.to_lowercase()), "s?"),
        false => (regex::escape(&first.to_string()), ""),
    };
    regex(&format!("{first}{}{plural}", regex::escape(rest)))
}

fn plain(html: &str) -> String {
    let text = ELEMENT.replace_all(html, "");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = SEE.replace(&text, "");
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    // A bar would end a table's cell, a backtick could begin code.
    escape(&text).replace('|', "&#124;").replace('`', "&#96;")
}

/// Where plain words stand in a chapter.
fn prose(markdown: &str) -> Vec<Range<usize>> {
    let directives: Vec<_> = DIRECTIVE
        .find_iter(markdown)
        .map(|found| found.range())
        .collect();
    let mut pieces = Vec::new();
    // How many elements we are in whose words are no prose; and of raw HTML.
    let (mut within, mut raw) = (0_usize, 0_usize);
    for (event, range) in new_cmark_parser(markdown, false).into_offset_iter() {
        match event {
            Event::Start(tag) if apart(&tag) => within += 1,
            Event::End(tag) if apart_end(&tag) => within = within.saturating_sub(1),
            Event::InlineHtml(html) if html.starts_with("</") => raw = raw.saturating_sub(1),
            Event::InlineHtml(html) if !html.starts_with("<br") && !html.ends_with("/>") => {
                raw += 1
            }
            Event::Start(Tag::Paragraph | Tag::Item) => raw = 0,
            Event::Text(_) if within == 0 && raw == 0 => {
                let overlaps = |d: &Range<usize>| d.start < range.end && range.start < d.end;
                if !directives.iter().any(overlaps) {
                    pieces.push(range);
                } else {
                    let mut from = range.start;
                    for directive in directives.iter().filter(|d| overlaps(d)) {
                        pieces.push(from..directive.start.max(from));
                        from = directive.end.min(range.end);
                    }
                    pieces.push(from..range.end);
                }
            }
            _ => {}
        }
    }
    pieces
}

fn apart(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Heading { .. }
            | Tag::Link { .. }
            | Tag::Image { .. }
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::TableHead
    )
}

fn apart_end(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Heading(_)
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::TableHead
    )
}

/// A page with a marked word, for the contract.
#[cfg(test)]
pub(super) fn sample() -> String {
    let glossary = "<dt id=\"term-layer\">Layer</dt>\n<dd>An archive.</dd>";
    Terms::read(glossary).mark("a layer", Path::new("a.md"), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLOSSARY: &str = "# Glossary\n\n<dl>\n<dt id=\"term-layer\">Layer</dt>\n\
        <dd>An archive of <code>a|b</code>, and \"so\"\non. See <a href=\"x.md\">X</a>.</dd>\n\
        <dt id=\"term-pie\">PIE</dt>\n<dd>Moves.</dd>\n\
        <dt id=\"term-sigterm\">SIGTERM, SIGKILL</dt>\n<dd>Ends.</dd>\n\
        <dt id=\"term-stage\" class=\"plain\">Stage</dt>\n<dd>A step.</dd>\n</dl>\n";

    fn mark(markdown: &str) -> String {
        Terms::read(GLOSSARY).mark(markdown, Path::new("deep/a.md"), "../")
    }

    /// The words that became links.
    fn words(markdown: &str) -> Vec<String> {
        let link = regex(r#"<a class="term"[^>]*>([^<]*)</a>"#);
        let marked = mark(markdown);
        assert_eq!(marked.lines().count(), markdown.lines().count());
        link.captures_iter(&marked)
            .map(|found| found[1].to_owned())
            .collect()
    }

    #[test]
    fn the_first_occurrence_links_to_its_entry_with_what_it_says() {
        assert_eq!(
            mark("Two layers, one layer.\n"),
            "Two <a class=\"term\" href=\"../glossary.md#term-layer\" data-definition=\"An archive of \
             a&#124;b, and &quot;so&quot; on.\">layers</a>, one layer.\n"
        );
    }

    #[test]
    fn only_prose_is_marked() {
        let apart = "# Layer\n\n[a layer](b.md) `layer` {{#lab layer}} <b>layer</b>\n\n```\nlayer\n```\n\n\
                     <p>\nlayer\n</p>\n\n{{#lab layer}}\n\n| layer |\n|---|\n";
        assert_eq!(words(apart), Vec::<String>::new());
        assert_eq!(words(&format!("{apart}| a *layer* |\n")), ["layer"]);
    }

    #[test]
    fn words_stand_alone_and_as_they_are_written() {
        let apart = "pie, a PIE-less multilayer, player, layer.go and no stage at layer/x.\n";
        assert_eq!(words(apart), Vec::<String>::new());
        assert_eq!(words("Layer: PIE."), ["Layer", "PIE"]);
    }

    #[test]
    fn an_entry_with_two_names_is_marked_once() {
        assert_eq!(words("SIGKILL after SIGTERM"), ["SIGTERM"]);
    }

    #[test]
    fn a_word_behind_another_is_part_of_its_name() {
        assert_eq!(words("SIGTERM PIE, and PIE"), ["SIGTERM", "PIE"]);
        assert!(mark("SIGTERM PIE").ends_with("</a> PIE"));
    }

    #[test]
    fn the_glossary_itself_stays() {
        let terms = Terms::read(GLOSSARY);
        assert_eq!(
            terms.mark("A layer", Path::new("glossary.md"), ""),
            "A layer"
        );
    }
}
