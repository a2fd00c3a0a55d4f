//! What a new lab consists of: its files, its page, and the lines that lead to the page.

use catalog::inventory::INVENTORY;
use catalog::{Catalog, Diagnostics, Kind, is_kebab_case};
use policy::UserError;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const LABS: &str = "book/labs";
const SUMMARY: &str = "book/src/SUMMARY.md";
const INDEX: &str = "book/src/museum/index.md";
/// The part of the museum whose failures the program reports, as the skeleton's does.
const INDEX_PART: &str = "## It runs, and fails";

/// The files of a skeleton, as templates, by their path below the lab's folder.
struct Skeleton {
    files: &'static [(&'static str, &'static str)],
    page: &'static str,
    /// The folder of its page, below `book/src`.
    part: &'static str,
}

const FAILURE: Skeleton = Skeleton {
    files: &[
        ("lab.toml", include_str!("failure/lab.toml")),
        ("src/go.mod", include_str!("go.mod.in")),
        ("src/main.go", include_str!("failure/main.go")),
        (
            "broken/Dockerfile",
            include_str!("failure/broken.Dockerfile"),
        ),
        ("fixed/Dockerfile", include_str!("failure/fixed.Dockerfile")),
        ("fixed/__NAME__.txt", include_str!("failure/text.txt")),
    ],
    page: include_str!("failure/page.md"),
    part: "museum",
};

const STAGE: Skeleton = Skeleton {
    files: &[
        ("lab.toml", include_str!("stage/lab.toml")),
        ("src/go.mod", include_str!("go.mod.in")),
        ("src/main.go", include_str!("stage/main.go")),
        ("image/Dockerfile", include_str!("stage/image.Dockerfile")),
    ],
    page: include_str!("stage/page.md"),
    part: "journey",
};

const EXPERIMENT: Skeleton = Skeleton {
    files: &[
        ("lab.toml", include_str!("experiment/lab.toml")),
        ("src/go.mod", include_str!("go.mod.in")),
        ("src/main.go", include_str!("experiment/main.go")),
        (
            "default/Dockerfile",
            include_str!("experiment/default.Dockerfile"),
        ),
        (
            "stripped/Dockerfile",
            include_str!("experiment/stripped.Dockerfile"),
        ),
    ],
    page: include_str!("experiment/page.md"),
    part: "experiments",
};

/// Everything that is about to be written, by path from the book's folder.
pub(super) struct Plan {
    /// The lab's folder.
    folder: String,
    /// The lab's files, by path below that.
    files: Vec<(String, String)>,
    /// Its page.
    page: (String, String),
    /// Files of the book with a line more.
    changed: Vec<(String, String)>,
    /// What an author has to add where this cannot.
    pub(super) by_hand: Vec<String>,
}

/// Works out a lab's skeleton without writing anything.
///
/// # Errors
/// The name is none or taken, or the book as it is cannot be read.
pub(super) fn plan(root: &Path, name: &str, kind: Kind) -> Result<Plan, UserError> {
    if !is_kebab_case(name) {
        return Err(UserError {
            what: format!("`{name}` cannot be the name of a lab"),
            cause: "it is not kebab-case (a-z, 0-9, single hyphens)".into(),
            next: "playground new lab my-failure".into(),
        });
    }
    let skeleton = match kind {
        Kind::Failure => FAILURE,
        Kind::Stage => STAGE,
        Kind::Experiment => EXPERIMENT,
        Kind::Exercise => {
            return Err(UserError {
                what: "an exercise is no lab of the book".into(),
                cause: "it lies in exercises/, with a starter and a solution".into(),
                next: "copy the folder of one that is like it".into(),
            });
        }
    };
    let folder = format!("{LABS}/{name}");
    let page = format!("{}/{name}.md", skeleton.part);
    let page_file = format!("book/src/{page}");
    for taken in [&folder, &page_file] {
        if root.join(taken).symlink_metadata().is_ok() {
            return Err(UserError {
                what: format!("{taken} is there already"),
                cause: format!("the name `{name}` is taken"),
                next: "choose another name; `playground list` shows those of all labs".into(),
            });
        }
    }
    let catalog = Catalog::load(root).map_err(|found: Diagnostics| found.error())?;
    let fill = Fill::new(name, &catalog);
    let below = |(path, text): &(&str, &str)| (fill.in_text(path), fill.in_text(text));
    let files: Vec<(String, String)> = skeleton.files.iter().map(below).collect();

    let title = match kind {
        Kind::Failure | Kind::Experiment | Kind::Exercise => fill.title.clone(),
        Kind::Stage => format!("{} · {}", fill.number, fill.title),
    };
    let mut plan = Plan {
        folder,
        files,
        page: (page_file, fill.in_text(skeleton.page)),
        changed: Vec::new(),
        by_hand: Vec::new(),
    };
    let entry = format!("[{title}]({page})");
    let in_summary = |text: &str| Some(listed(text, &entry, skeleton.part));
    plan.line_in(root, SUMMARY, &format!("- {entry}"), in_summary)?;
    if kind == Kind::Failure {
        let row = format!(
            "| [{title}]({name}.md) | `open /{name}.txt: no such file or directory` | the program |"
        );
        plan.line_in(root, INDEX, &row, |text| with_row(text, &row))?;
        if root.join(INVENTORY).is_file() {
            plan.by_hand.push(format!(
                "add to {INVENTORY}: a [[question]] with id = \"{name}\", and to the page, below \
                 the run: {{{{#question {name}}}}}"
            ));
        }
    }
    Ok(plan)
}

/// What stands in the templates' places.
struct Fill {
    name: String,
    title: String,
    number: String,
    order: String,
}

impl Fill {
    /// A stage comes after all that there are.
    fn new(name: &str, catalog: &Catalog) -> Fill {
        let stages = || catalog.stages().filter_map(|lab| lab.stage.as_ref());
        let digits = |number: &str| -> u32 {
            let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
            digits.parse().unwrap_or_default()
        };
        let number = stages().map(|stage| digits(&stage.number)).max();
        let order = stages().map(|stage| stage.order).max();
        let words = name.replace('-', " ");
        let mut letters = words.chars();
        let first = letters.next().into_iter();
        let first: String = first.flat_map(char::to_uppercase).collect();
        Fill {
            name: name.to_owned(),
            title: format!("{first}{}", letters.as_str()),
            number: (number.unwrap_or_default() + 1).to_string(),
            order: (order.unwrap_or_default() + 1).to_string(),
        }
    }

    fn in_text(&self, template: &str) -> String {
        template
            .replace("__NAME__", &self.name)
            .replace("__TITLE__", &self.title)
            .replace("__NUMBER__", &self.number)
            .replace("__ORDER__", &self.order)
    }
}

/// The summary with an entry after the last one of its part, and indented as that is.
pub(super) fn listed(summary: &str, entry: &str, part: &str) -> String {
    let of_part = |line: &&str| match part {
        // The chart of the journey stays its last page.
        "journey" => line.contains("(journey/stage-"),
        part => line.contains(&format!("({part}/")),
    };
    let lines: Vec<&str> = summary.lines().collect();
    let last = lines.iter().rposition(of_part);
    let indent = last.map_or("", |at| {
        let text = lines[at].trim_start();
        &lines[at][..lines[at].len() - text.len()]
    });
    let at = last.map_or(lines.len(), |at| at + 1);
    insert(summary, at, &format!("{indent}- {entry}"))
}

/// The museum's index with a row at the end of the table that the row belongs to.
pub(super) fn with_row(index: &str, row: &str) -> Option<String> {
    let part = index.lines().position(|line| line == INDEX_PART)?;
    let in_part = index.lines().enumerate().skip(part + 1);
    let in_part = in_part.take_while(|(_, line)| !line.starts_with("## "));
    let (last, _) = in_part.filter(|(_, line)| line.starts_with('|')).last()?;
    Some(insert(index, last + 1, row))
}

/// The text with a line more, after the first `at` lines.
fn insert(text: &str, at: usize, line: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(at, line);
    lines.join("\n") + "\n"
}

impl Plan {
    /// Adds a line to a file of the book as `add` puts it, or asks the author to.
    fn line_in(
        &mut self,
        root: &Path,
        file: &str,
        line: &str,
        add: impl FnOnce(&str) -> Option<String>,
    ) -> Result<(), UserError> {
        let text = match fs::read_to_string(root.join(file)) {
            Ok(text) => add(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(not_done(file, "read", &error)),
        };
        match text {
            Some(text) => self.changed.push((file.to_owned(), text)),
            None => self.by_hand.push(format!("add to {file}: {line}")),
        }
        Ok(())
    }

    /// Writes it all, and says which files. No file that was there is lost: new ones are only
    /// created, and changed ones replaced whole. Where anything fails, nothing new stays, and the
    /// next try finds the name free.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&self, root: &Path) -> Result<Vec<String>, UserError> {
        let mut changes = Vec::new();
        for (path, text) in &self.changed {
            let change = replacement(&root.join(path), text);
            changes.push(change.map_err(|error| not_done(path, "written", &error))?);
        }
        let mut created = Created::default();
        self.add_lab(root, &mut created)?;
        let (page, text) = &self.page;
        let written = created.file(root.join(page), text);
        written.map_err(|error| not_done(page, "written", &error))?;
        for (change, (path, _)) in changes.into_iter().zip(&self.changed) {
            let replaced = change.persist(root.join(path));
            replaced.map_err(|error| not_done(path, "written", &error.error))?;
        }
        created.keep();
        let files = self.files.iter();
        let files = files.map(|(path, _)| format!("{}/{path}", self.folder));
        let others = [&self.page].into_iter().chain(&self.changed);
        Ok(files.chain(others.map(|(path, _)| path.clone())).collect())
    }

    /// The lab's folder comes to be in one step: it is written beside its place, then moved.
    fn add_lab(&self, root: &Path, created: &mut Created) -> Result<(), UserError> {
        let failed = |error: io::Error| not_done(&self.folder, "written", &error);
        // Whoever reads the labs meanwhile passes over a name that begins so.
        let mut staged = tempfile::Builder::new();
        let staged = staged.prefix("_new-").tempdir_in(root.join(LABS));
        let staged = staged.map_err(failed)?;
        // Not that folder itself, which is closed to others.
        let lab = staged.path().join("lab");
        for (path, text) in &self.files {
            let file = lab.join(path);
            let parent = file.parent().unwrap_or(&lab);
            let written = fs::create_dir_all(parent).and_then(|()| fs::write(&file, text));
            let path = format!("{}/{path}", self.folder);
            written.map_err(|error| not_done(&path, "written", &error))?;
        }
        let folder = root.join(&self.folder);
        fs::rename(lab, &folder).map_err(failed)?;
        created.paths.push(folder);
        Ok(())
    }
}

/// What was created so far; removed again unless it is kept.
#[derive(Default)]
struct Created {
    paths: Vec<PathBuf>,
}

impl Created {
    /// Creates a file that is not there yet.
    fn file(&mut self, path: PathBuf, text: &str) -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        let mut file = fs::File::create_new(&path)?;
        self.paths.push(path);
        file.write_all(text.as_bytes())
    }

    fn keep(mut self) {
        self.paths.clear();
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        for path in &self.paths {
            let removed = match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            };
            if let Err(error) = removed {
                log::warn!("{} is left: {error}", path.display());
            }
        }
    }
}

/// A text that can take a file's place in one step, with the file's own permissions.
fn replacement(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(path)?.permissions())?;
    Ok(file)
}

fn not_done(file: &str, what: &str, error: &io::Error) -> UserError {
    UserError {
        what: format!("{file} cannot be {what}: {error}"),
        cause: "the disk is full, or the book's folder belongs to somebody else".into(),
        next: "see what there is already with `git status`, and mend that first".into(),
    }
}
