//! What can be said of a submission without an engine, while the file is being saved.
//!
//! Says nothing where it could be wrong: the builder decides, and its word counts. BuildKit's own
//! lint (`--call=check`) is left out: only newer builders than the oldest supported one have it.

use analysis::dockerfile::{base_lines, instruction_lines, left_open};
use catalog::checks::{Bases, CheckKind};
use catalog::exercise::SUBMISSION;
use catalog::{Context, Exercise, context, malformed_ignore};
use policy::image_name::ImageName;
use policy::suggest::known;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

const DOCKERFILE: &str = "Dockerfile";
const DOCKERIGNORE: &str = ".dockerignore";

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Something that a file shows by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The file, by its path in the build context.
    pub file: String,
    /// The line, from 1; absent where it is about the whole file.
    pub line: Option<u32>,
    /// How bad it is.
    pub weight: Weight,
    /// What it is.
    pub text: String,
}

/// How bad a remark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It works, today.
    Warning,
    /// The build or a check will fail, as far as one can tell from here.
    Error,
    /// No builder could do anything with it.
    Hopeless,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Warning => "warning",
            Weight::Error | Weight::Hopeless => "error",
        };
        match self.line {
            Some(line) => write!(f, "{}:{line}: {weight}: {}", self.file, self.text),
            None => write!(f, "{}: {weight}: {}", self.file, self.text),
        }
    }
}

/// What the files of a submission show by themselves, in the order of their lines.
pub fn remarks(root: &Path, exercise: &Exercise, files: &BTreeMap<String, String>) -> Vec<Remark> {
    let mut remarks = Remarks(Vec::new());
    if let Some(text) = files.get(DOCKERIGNORE)
        && let Some((line, pattern)) = malformed_ignore(text)
    {
        let text = format!("the pattern `{pattern}` cannot be understood");
        remarks.add(DOCKERIGNORE, Some(line), Weight::Hopeless, text);
    }
    let handed_in = exercise.edit.iter().any(|path| path == DOCKERFILE);
    match files.get(DOCKERFILE) {
        Some(text) => {
            let context = laid_down(root, exercise, files);
            remarks.on_dockerfile(exercise, text, context.as_ref());
        }
        None if handed_in => {
            let text = "there is none, so there is nothing to build";
            remarks.add(DOCKERFILE, None, Weight::Hopeless, text.into());
        }
        None => {}
    }
    let Remarks(mut remarks) = remarks;
    remarks.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    remarks
}

/// The build context; `None` where it cannot be laid down, which the run will say.
fn laid_down(
    root: &Path,
    exercise: &Exercise,
    files: &BTreeMap<String, String>,
) -> Option<Context> {
    let variant = exercise.lab.variant(Some(SUBMISSION)).ok()?;
    // What comes out of peers' images is there as soon as it is needed.
    let provided = variant.provides.iter();
    let provided = provided.map(|provide| (provide.file.clone(), Vec::new()));
    context(root, &exercise.lab, variant, &provided.collect(), files).ok()
}

struct Remarks(Vec<Remark>);

impl Remarks {
    fn add(&mut self, file: &str, line: Option<u32>, weight: Weight, text: String) {
        self.0.push(Remark {
            file: file.to_owned(),
            line,
            weight,
            text,
        });
    }

    fn on_dockerfile(&mut self, exercise: &Exercise, text: &str, context: Option<&Context>) {
        let mut on = |line, weight, text| self.add(DOCKERFILE, line, weight, text);
        let instructions = instruction_lines(text);
        let keyword = |instruction: &str| {
            let word = instruction.split_whitespace().next();
            word.unwrap_or_default().to_owned()
        };
        if instructions.is_empty() {
            on(None, Weight::Hopeless, "it is empty".into());
            return;
        }
        let is_from = |(_, instruction): &(u32, String)| keyword(instruction) == "FROM";
        // What another frontend makes of the file, only that one knows.
        let plain = !text.lines().any(|line| {
            let directive = line.trim().strip_prefix('#').unwrap_or_default();
            directive.trim().to_ascii_lowercase().starts_with("syntax")
        });
        // A here-document's lines look like instructions, and are none.
        let here = instructions.iter().position(|(_, one)| one.contains("<<"));
        let sure = &instructions[..here.unwrap_or(instructions.len())];
        if plain && here.is_none() && !instructions.iter().any(is_from) {
            let text = "no FROM: the builder does not know what to start from";
            on(None, Weight::Hopeless, text.into());
        }
        for (line, instruction) in sure.iter().filter(|_| plain) {
            let keyword = keyword(instruction);
            if !INSTRUCTIONS.contains(&keyword.as_str()) {
                let near = known(&keyword, INSTRUCTIONS, "there are").unwrap_or_default();
                let text = format!("there is no instruction `{keyword}`; {near}");
                on(Some(*line), Weight::Hopeless, text);
            }
        }
        for (line, what) in left_open(text) {
            on(
                Some(line),
                Weight::Warning,
                format!("{what}; name a version"),
            );
        }
        for (line, base) in base_lines(text) {
            for allowed in allowed_bases(exercise).filter(|allowed| !allowed.allows(&base)) {
                let name = ImageName::of(&base);
                let text = match name.digest.is_some() && name.tag.is_none() {
                    true => format!(
                        "`{base}` does not say which image it is: write its tag before the @"
                    ),
                    false => format!(
                        "`{base}` is not among this exercise's images: {} and scratch",
                        allowed.bases.join(", ")
                    ),
                };
                on(Some(line), Weight::Error, text);
            }
        }
        let Some(context) = context else { return };
        for (line, instruction) in sure {
            for source in sources(instruction) {
                let there = |files: &BTreeMap<String, _>| has(files, &source);
                if there(&context.files) {
                    continue;
                }
                let text = match there(&context.ignored) {
                    true => format!("`{source}` stays behind: {DOCKERIGNORE} holds it back"),
                    false => format!("the build context has no `{source}`"),
                };
                on(Some(*line), Weight::Error, text);
            }
        }
    }
}

/// What each of the exercise's checks of bases allows.
fn allowed_bases(exercise: &Exercise) -> impl Iterator<Item = &Bases> {
    let variant = exercise.lab.variant(Some(SUBMISSION)).ok();
    let checks = variant.into_iter().flat_map(|variant| &variant.checks);
    checks.filter_map(|check| match &check.kind {
        CheckKind::Bases(bases) => Some(bases),
        _ => None,
    })
}

/// The plain paths that a `COPY` or `ADD` takes out of the build context; none where it takes
/// anything that only the builder can tell.
fn sources(instruction: &str) -> Vec<String> {
    let Some((keyword, mut rest)) = instruction.split_once(' ') else {
        return Vec::new();
    };
    if !["COPY", "ADD"].contains(&keyword) {
        return Vec::new();
    }
    while rest.starts_with("--") {
        let (flag, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        let harmless = ["--chown=", "--chmod=", "--link"];
        if !harmless.iter().any(|known| flag.starts_with(known)) {
            return Vec::new();
        }
        rest = behind;
    }
    let mut words: Vec<String> = match rest.starts_with('[') {
        true => serde_json::from_str(rest).unwrap_or_default(),
        false => rest.split(' ').map(str::to_owned).collect(),
    };
    words.pop();
    let is_plain = |word: &String| {
        let special = ['$', '*', '?', '[', '\\', '"', '\'', '<', ':', '@'];
        !word.contains(special) && !word.split('/').any(|part| part == "..")
    };
    match words.iter().all(is_plain) {
        true => words,
        false => Vec::new(),
    }
}

/// Whether a file or a folder of this name is among the files.
fn has<T>(files: &BTreeMap<String, T>, source: &str) -> bool {
    let parts = source.split('/').filter(|part| !["", "."].contains(part));
    let path = parts.collect::<Vec<_>>().join("/");
    let folder = format!("{path}/");
    path.is_empty()
        || files
            .keys()
            .any(|file| *file == path || file.starts_with(&folder))
}

#[cfg(test)]
mod tests;
