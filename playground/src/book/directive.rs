//! `{{#lab id}}`, `{{#journey}}`, `{{#symptoms}}`, `{{#rules}}`, `{{#repositories}}`,
//! `{{#ledger}}`, `{{#folklore}}`, `{{#question id}}`, `{{#plot lab metric}}`, `{{#exercise id}}` and `{{#exercises}}`: lines of Markdown
//! that stand for a panel, a table, a plot or the map; within lines,
//! `{{#mb …}}` and `{{#kb …}}` stand for a size, `{{#claim …}}` and `{{#measured …}}` for what the
//! ledger has.

use super::exercises::ExercisePart;
use super::fence::{Fences, Line};
use super::html::escape;
use super::ledger::LedgerPart;
use super::page::{Page, is_quote};
use super::panel::Source;
use super::quoted::{self, SizeQuote};
use super::recorded::Recordings;
use super::repositories::Repositories;
use super::terms::Terms;
use super::{columns, engines, journey, pages, panel, question, rules, symptoms};
use crate::ledger::Ledger;
use anyhow::{Result, bail};
use catalog::inventory::{INVENTORY, Inventory};
use catalog::{Catalog, Diagnostic, Lab, Variant};
use mdbook::BookItem;
use mdbook::book::Book;
use mdbook::preprocess::{Preprocessor, PreprocessorContext};
use policy::suggest::hint;
use regex::Regex;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;

static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*\{\{\s*#(lab|journey|symptoms|rules|repositories|ledger|folklore|plot|question|exercises|exercise)(?:\s+([^}\s]+))?(?:\s+([^}\s]+))?\s*\}\}\s*$")
        .unwrap_or_else(|error| unreachable!("{error}"))
});

/// How a line begins that was meant to be one.
const NAMES: [&str; 10] = [
    "{{#lab",
    "{{#journey",
    "{{#symptoms",
    "{{#rules",
    "{{#repositories",
    "{{#ledger",
    "{{#folklore",
    "{{#plot",
    "{{#question",
    "{{#exercise",
];

/// The finished HTML of every panel; an mdBook preprocessor that lays it into chapters.
#[derive(Clone, Debug)]
pub struct Panels {
    labs: BTreeMap<String, String>,
    /// `lab/variant`, of which sizes may be quoted.
    variants: BTreeSet<String>,
    journey: String,
    symptoms: Vec<symptoms::Entry>,
    /// Of labs.
    titles: BTreeMap<String, String>,
    ledger: LedgerPart,
    recordings: Recordings,
    /// As it is put before the run, and after it.
    questions: BTreeMap<String, [String; 2]>,
    exercises: ExercisePart,
    repositories: Repositories,
}

impl Panels {
    /// Prepares the panels of all labs; `sources` yields a variant's shown files.
    ///
    /// # Errors
    /// The files of a variant cannot be laid out.
    pub fn new(
        catalog: &Catalog,
        recordings: &Recordings,
        mut sources: impl FnMut(&Lab, &Variant) -> Result<Vec<Source>>,
    ) -> Result<Self> {
        let labs = &catalog.labs;
        let titles = labs.iter().map(|lab| (lab.id.clone(), lab.title.clone()));
        let mut panels = BTreeMap::new();
        let mut variants = BTreeSet::new();
        for lab in labs {
            let html = panel::section(lab, recordings, |variant| sources(lab, variant))?;
            panels.insert(lab.id.clone(), html);
            variants.extend(lab.variants.iter().map(|v| format!("{}/{}", lab.id, v.id)));
        }
        Ok(Self {
            labs: panels,
            variants,
            journey: journey::section(catalog) + &columns::table(catalog, recordings),
            symptoms: symptoms::entries(labs),
            titles: titles.collect(),
            ledger: LedgerPart::default(),
            recordings: recordings.clone(),
            questions: BTreeMap::new(),
            exercises: ExercisePart::new(catalog, sources)?,
            repositories: Repositories::default(),
        })
    }

    /// The same, with what was recorded of experiments, and what the claims come to by it.
    pub fn with_ledger(self, catalog: &Catalog, ledger: Ledger) -> Self {
        Self {
            ledger: LedgerPart::new(catalog, ledger),
            ..self
        }
    }

    /// The same, with what adopt came to on public repositories.
    pub(super) fn with_repositories(self, repositories: Repositories) -> Self {
        Self {
            repositories,
            ..self
        }
    }

    /// The same, with the questions that pages ask.
    pub fn with_questions(self, inventory: &Inventory) -> Self {
        let questions = inventory.questions.iter();
        let put = questions.map(|one| {
            (
                one.id.clone(),
                [question::before(one), question::after(one)],
            )
        });
        Self {
            questions: put.collect(),
            ..self
        }
    }

    /// Figures that pages show and that nobody has recorded.
    pub fn unrecorded(&self, pages: &[Page]) -> Vec<Diagnostic> {
        let mut missing = Vec::new();
        for page in pages {
            for (number, line) in (1..).zip(page.markdown.lines()) {
                let of_line = self.ledger.unrecorded(line).into_iter();
                missing.extend(of_line.map(|text| Diagnostic::at(&page.file, number, text)));
            }
        }
        missing
    }

    /// What would stop the book from being rendered, on any of these pages.
    pub fn problems(&self, pages: &[Page]) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for page in pages {
            let at = ChapterContext {
                file: page.file.clone(),
                within: Path::new(""),
                pages: &BTreeMap::new(),
            };
            self.expand(&at, &page.markdown, &mut problems);
        }
        problems
    }

    /// Replaces the directives of one chapter; problems name its file and the line.
    fn expand(
        &self,
        at: &ChapterContext<'_>,
        markdown: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> String {
        let mut report = |line: u32, text: String| {
            problems.push(Diagnostic::at(at.file.clone(), line, text));
        };
        let mut expanded = String::with_capacity(markdown.len());
        let mut fences = Fences::default();
        let labs: Vec<&str> = markdown.lines().filter_map(lab_of).collect();
        let mut quotes = None;
        let mut lines = (1..).zip(markdown.lines());
        while let Some((number, line)) = lines.next() {
            let trimmed = line.trim_start();
            if fences.outside() && matches!(line, "```dockerfile" | "```Dockerfile") {
                let body: Vec<&str> = lines
                    .by_ref()
                    .map(|(_, line)| line)
                    .take_while(|line| line.trim_end() != "```")
                    .collect();
                let _ = writeln!(expanded, "\n{}\n", dockerfile(&body.join("\n")));
                continue;
            }
            let kind = fences.line(line);
            if kind != Line::Prose {
                let _ = writeln!(expanded, "{line}");
                match kind {
                    Line::Opens(info) => quotes = is_quote(info).then(Vec::new),
                    Line::Code => quotes.iter_mut().for_each(|all| all.push(line.trim())),
                    _ => {
                        let all = quotes.take().unwrap_or_default();
                        let words = engines::below(&self.recordings, &labs, &all);
                        if !words.is_empty() {
                            let _ = writeln!(expanded, "\n{words}\n");
                        }
                    }
                }
                continue;
            }
            let looks_like_one = NAMES.iter().any(|name| trimmed.starts_with(name));
            let is_one = fences.outside() && (looks_like_one || DIRECTIVE.is_match(line));
            let panel = is_one.then(|| self.panel_for(line, at)).transpose();
            let html = panel.unwrap_or_else(|problem| {
                report(number, problem);
                None
            });
            let sizes = quoted::sizes(line).into_iter();
            for problem in sizes.filter_map(|size| self.unknown(size)) {
                report(number, problem);
            }
            let _ = match html {
                // Blank lines keep the raw HTML apart from the paragraphs around it.
                Some(html) => writeln!(expanded, "\n{html}\n"),
                None => {
                    let line = quoted::expand(line);
                    let figures = |problem| report(number, problem);
                    let line = self.ledger.expand(&line, &at.up(), figures);
                    writeln!(expanded, "{line}")
                }
            };
        }
        expanded
    }

    /// Why a quoted size cannot be one.
    fn unknown(&self, size: Result<SizeQuote, String>) -> Option<String> {
        let size = match size {
            Ok(size) => size,
            Err(malformed) => return Some(malformed),
        };
        let name = format!("{}/{}", size.lab, size.variant);
        if self.variants.contains(&name) {
            return None;
        }
        let lab = format!("{}/", size.lab);
        let of_lab = self.variants.iter().filter(|v| v.starts_with(&lab));
        let of_lab: Vec<&str> = of_lab.map(String::as_str).collect();
        Some(if of_lab.is_empty() {
            format!("there is no lab `{}` to quote a size of", size.lab)
        } else {
            let known = of_lab.join(", ");
            format!("there is no variant `{name}`; there are: {known}")
        })
    }

    fn panel_for(&self, line: &str, at: &ChapterContext<'_>) -> Result<Cow<'_, str>, String> {
        let directive = DIRECTIVE.captures(line);
        let name = directive.as_ref().map(|found| &found[1]);
        let word = |at| {
            directive
                .as_ref()
                .and_then(|found| Some(found.get(at)?.as_str()))
        };
        let (id, second) = (word(2), word(3));
        if let (Some("plot"), Some(lab), Some(metric)) = (name, id, second) {
            return self.ledger.plot(lab, metric).map(Cow::from);
        }
        if let (Some("question"), Some(id), None | Some("before")) = (name, id, second) {
            return self.question(id, second.is_some());
        }
        match (name.filter(|_| second.is_none()), id) {
            (Some("ledger"), None) => Ok(self.ledger.table(&at.up()).into()),
            (Some("folklore"), None) => Ok(self.ledger.folklore(&at.up()).into()),
            (Some("journey"), None) => Ok(self.journey.as_str().into()),
            (Some("symptoms"), None) => {
                Ok(symptoms::section(&self.symptoms, at.pages, at.within).into())
            }
            (Some("exercises"), None) => Ok(self.exercises.map(at.within).into()),
            (Some("exercise"), Some(id)) => {
                let panel = self.exercises.panel(id).map(Cow::from);
                panel.ok_or_else(|| format!("there is no exercise `{id}` under exercises"))
            }
            (Some("repositories"), None) => Ok(self.repositories.table().into()),
            (Some("rules"), None) => Ok(rules::table(&self.titles, at.pages, at.within).into()),
            (Some("lab"), Some(id)) => self.labs.get(id).map(|html| html.into()).ok_or_else(|| {
                let known: Vec<&str> = self.labs.keys().map(String::as_str).collect();
                let known = match known.is_empty() {
                    true => "none".to_owned(),
                    false => known.join(", "),
                };
                format!("there is no lab `{id}` under book/labs; there are: {known}")
            }),
            _ => Err(
                "write `{{#lab ID}}`, `{{#plot LAB METRIC}}`, `{{#question ID}}`, `{{#question ID before}}`, \
                 `{{#journey}}`, `{{#symptoms}}`, `{{#rules}}`, `{{#repositories}}`, `{{#ledger}}`, `{{#folklore}}` or \
                 `{{#exercises}}` on a line of its own, with nothing after it"
                    .to_owned(),
            ),
        }
    }
}

impl Panels {
    fn question(&self, id: &str, before: bool) -> Result<Cow<'_, str>, String> {
        let [first, last] = self.questions.get(id).ok_or_else(|| {
            let ids = self.questions.keys().map(String::as_str);
            let hint = hint(id, ids, "there are");
            format!("there is no question `{id}` in {INVENTORY}{hint}")
        })?;
        Ok(if before { first.as_str() } else { last }.into())
    }
}

/// The chapter that a directive stands in.
struct ChapterContext<'b> {
    /// As problems call it.
    file: String,
    /// From the book's top.
    within: &'b Path,
    pages: &'b BTreeMap<String, String>,
}

impl ChapterContext<'_> {
    /// What leads from the chapter to the book's top.
    fn up(&self) -> String {
        "../".repeat(self.within.components().count().saturating_sub(1))
    }
}

/// The lab whose panel a line stands for.
pub(super) fn lab_of(line: &str) -> Option<&str> {
    let found = DIRECTIVE.captures(line)?;
    let id = found.get(2)?.as_str();
    (&found[1] == "lab").then_some(id)
}

/// The question that a line asks after the run.
pub(super) fn question_of(line: &str) -> Option<&str> {
    let found = DIRECTIVE.captures(line)?;
    let id = found.get(2)?.as_str();
    (&found[1] == "question" && found.get(3).is_none()).then_some(id)
}

/// A Dockerfile in the prose. mdBook's highlighter knows no Dockerfiles and complains
/// of each in the console; the page's own colours them instead.
fn dockerfile(text: &str) -> String {
    let text = escape(text);
    format!(r#"<pre><code class="nohighlight" data-language="dockerfile">{text}</code></pre>"#)
}

impl Preprocessor for Panels {
    fn name(&self) -> &str {
        "playground"
    }

    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> mdbook::errors::Result<Book> {
        let mut problems = Vec::new();
        self.exercises.add_to(&mut book, &mut problems);
        let pages = pages::pages_of(&book);
        let terms = Terms::of(&book);
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item {
                let within = chapter.source_path.clone().unwrap_or_default();
                let at = ChapterContext {
                    file: ctx.config.book.src.join(&within).display().to_string(),
                    within: &within,
                    pages: &pages,
                };
                let marked = terms.mark(&chapter.content, &within, &at.up());
                chapter.content = self.expand(&at, &marked, &mut problems);
            }
        });
        if !problems.is_empty() {
            let problems: Vec<String> = problems.iter().map(Diagnostic::to_string).collect();
            bail!("{}", problems.join("\n"));
        }
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::testing::{lab, sources};

    fn expand(markdown: &str) -> (String, Vec<String>) {
        let labs = vec![lab("x509"), lab("stage-1")];
        let catalog = Catalog {
            labs,
            ..Default::default()
        };
        let panels = Panels::new(&catalog, &Recordings::default(), sources).expect("panels");
        let mut problems = Vec::new();
        let pages = [("x509".to_owned(), "museum/x509.html".to_owned())].into();
        let at = ChapterContext {
            file: "src/deep/a.md".into(),
            within: Path::new("deep/a.md"),
            pages: &pages,
        };
        let html = panels.expand(&at, markdown, &mut problems);
        (html, problems.iter().map(Diagnostic::to_string).collect())
    }

    #[test]
    fn a_page_may_hold_several_labs() {
        let (html, problems) =
            expand("a\n\n{{#lab x509}}\n\nb\n\n  {{ #lab stage-1 }}\n\n{{#journey}}\n");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(html.matches("<section class=\"lab\"").count(), 2);
        assert_eq!(html.matches("<section class=\"journey\"").count(), 1);
        assert!(!html.contains("{{"));
    }

    #[test]
    fn every_problem_names_file_and_line() {
        let (_, problems) = expand("{{#lab nope}}\n\n{{#lab}}\n{{#journey 3}}\n{{#lab x509}} so\n");
        assert_eq!(problems.len(), 4);
        assert!(problems[0].starts_with("src/deep/a.md:1: there is no lab `nope`"));
        assert!(problems[0].contains("stage-1, x509"));
        assert!(problems[3].starts_with("src/deep/a.md:5: write"));
    }

    #[test]
    fn a_question_that_is_none_is_a_problem_with_its_line() {
        let (_, problems) =
            expand("a\n{{#question x509}}\n{{#question}}\n{{#question x509 later}}\n");
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].starts_with("src/deep/a.md:2: there is no question `x509`"));
        assert!(problems[2].starts_with("src/deep/a.md:4: write"));
        assert_eq!(question_of("{{#question x509}}"), Some("x509"));
        assert_eq!(question_of("{{#question x509 before}}"), None);
    }

    #[test]
    fn symptoms_are_a_table_with_links_to_their_pages() {
        let (html, problems) = expand("{{#symptoms}}\n");
        assert!(problems.is_empty(), "{problems:?}");
        let table = html.lines().find(|line| line.contains("<section"));
        let table = table.expect("a table in one line");
        assert!(table.starts_with(r#"<section class="symptoms" data-symptoms>"#));
        assert!(table.ends_with("</section>"));
        assert!(table.contains(concat!(
            r#"<th colspan="2" scope="rowgroup"><a href="../museum/x509.md">Title of &lt;x509&gt;</a></th></tr>"#,
            r#"<tr data-lab="x509" data-page="museum/x509.html"><th scope="row">"#,
            r#"<code>x509: &lt;unknown&gt; authority</code></th><td>What it means.</td></tr>"#,
        )));
        assert!(!table.contains("stage-1"), "stages have none");
        let (_, problems) = expand("{{#symptoms x509}}\n");
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn rules_are_a_table_with_links_to_their_pages() {
        let (html, problems) = expand("{{#rules}}\n");
        assert!(problems.is_empty(), "{problems:?}");
        let row = "| `no-ca-certificates` | TLS client without CA certificates | \
                   [Title of <x509>](../museum/x509.md) |\n";
        assert!(
            html.starts_with("\n| Rule |") && html.contains(row),
            "{html}"
        );
        let (_, problems) = expand("{{#rules x509}}\n");
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn code_fences_may_talk_about_directives() {
        let (html, problems) = expand("````md\n```\n{{#lab nope}}\n```\n````\n{{#lab x509}}\n");
        assert!(problems.is_empty(), "{problems:?}");
        assert!(html.contains("{{#lab nope}}"));
        assert_eq!(html.matches("<section").count(), 1);
    }

    #[test]
    fn sizes_are_written_out_in_prose_and_admonitions() {
        let (html, problems) = expand(
            "| a | {{#mb x509/broken unpacked 6.34}} |\n```admonish note\n\
             {{#kb stage-1/broken compressed 3}}\n```\n```text\n{{#mb no/no unpacked 1}}\n```\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        assert!(html.contains("| a | 6.34\u{a0}MB |") && html.contains("\n3\u{a0}kB\n"));
        assert!(html.contains("{{#mb no/no"));
    }

    #[test]
    fn a_size_that_cannot_be_one_is_a_problem_with_its_line() {
        let (_, problems) = expand(
            "a {{#mb nope/broken unpacked 1}}\n\n{{#mb x509/fixed unpacked 1}} {{#kb x509}}\n",
        );
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].starts_with("src/deep/a.md:1: there is no lab `nope`"));
        assert!(problems[1].starts_with("src/deep/a.md:3: there is no variant `x509/fixed`"));
        assert!(problems[1].contains("x509/broken"));
        assert!(problems[2].starts_with("src/deep/a.md:3: `{{#kb x509}}` is not a size"));
    }

    #[test]
    fn dockerfiles_in_prose_keep_their_blank_lines() {
        let (html, _) = expand("a\n```dockerfile\nFROM a\n\nRUN <b>\n```\nb\n{{#lab x509}}\n");
        assert!(
            html.contains(
                r#"data-language="dockerfile">FROM a&#10;&#10;RUN &lt;b&gt;</code></pre>"#
            )
        );
        assert!(html.contains("\nb\n") && html.contains("<section"));
    }

    #[test]
    fn the_answer_to_a_prediction_waits_behind_a_click() {
        let (html, _) = expand("{{#lab x509}}");
        assert!(html.contains(
            r#"<summary>What the book says</summary><p class="lab-expect">The book says: "#
        ));
    }

    #[test]
    fn a_panel_is_one_line_of_escaped_html() {
        let (html, _) = expand("{{#lab x509}}");
        let line = html
            .lines()
            .find(|line| line.contains("<section"))
            .expect("panel");
        assert!(
            line.ends_with("</section>"),
            "a blank line would end the HTML block"
        );
        assert!(line.contains("FROM scratch&#10;&#10;COPY &lt;x&gt; /"));
        assert!(
            line.contains(
                r#"data-path="Dockerfile" data-language="dockerfile" data-editable open"#
            )
        );
    }
}
