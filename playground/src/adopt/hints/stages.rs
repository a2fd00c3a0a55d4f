//! Where the stages of a strange Dockerfile have files of the tree, so that what its last stage takes
//! out of one is told by the tree's name. Read, never built: what a stage makes itself is not known. Pure.

use super::super::gomod::join;

/// A place in a stage, and what of the tree lies there; `""` for all of it.
type Held = Vec<(String, String)>;

/// The stages so far.
#[derive(Debug, Default)]
pub(super) struct Stages {
    named: Vec<(String, Held)>,
    /// The working directory, without a slash at its end.
    workdir: String,
}

impl Stages {
    /// `FROM`: another one begins, with what lies in the one that it starts from.
    pub(super) fn begin(&mut self, rest: &str) {
        let words: Vec<&str> = rest
            .split_whitespace()
            .filter(|word| !word.starts_with("--"))
            .collect();
        let base = words.first().copied().unwrap_or_default();
        let held = self.held(base).cloned().unwrap_or_default();
        let name = match words.as_slice() {
            [_, "AS" | "as" | "As", name, ..] => (*name).to_ascii_lowercase(),
            _ => String::new(),
        };
        self.named.push((name, held));
        self.workdir.clear();
    }

    /// `WORKDIR`
    pub(super) fn enter(&mut self, dir: &str) {
        self.workdir = self.place(dir);
    }

    /// `COPY` of one thing of the tree to here.
    pub(super) fn copied(&mut self, from: &str, to: &str, into: bool) {
        let from = tree_path(from);
        let mut place = self.place(to);
        if into && !from.is_empty() {
            let name = from.rsplit('/').next().unwrap_or(from);
            place = format!("{place}/{name}");
        }
        if let Some((_, held)) = self.named.last_mut() {
            held.push((place, from.to_owned()));
        }
    }

    /// What of the tree lies at this place of a stage: a file or folder that it is, or those below it,
    /// each with the rest of its path there.
    pub(super) fn of_tree(&self, stage: &str, path: &str) -> Vec<(String, String)> {
        let path = path.trim_end_matches('/');
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/{path}"),
        };
        let held = self.held(stage).map(Vec::as_slice).unwrap_or_default();
        let is = held.iter().rev().find_map(|(place, from)| {
            let rest = path.strip_prefix(place.as_str())?;
            let fits = rest.is_empty() || rest.starts_with('/');
            fits.then(|| (join(from, rest.trim_start_matches('/')), String::new()))
        });
        let begin = format!("{path}/");
        let below = held.iter().filter_map(|(place, from)| {
            let rest = place.strip_prefix(&begin)?;
            Some((from.clone(), rest.to_owned()))
        });
        is.into_iter().chain(below).collect()
    }

    /// By its name, or its number.
    fn held(&self, stage: &str) -> Option<&Held> {
        let lower = stage.to_ascii_lowercase();
        let named = self.named.iter().rev();
        let mut named = named.filter(|(name, _)| !name.is_empty() && *name == lower);
        let by_name = named.next();
        let by_number = || self.named.get(stage.parse::<usize>().ok()?);
        by_name.or_else(by_number).map(|(_, held)| held)
    }

    fn place(&self, to: &str) -> String {
        let trimmed = to.trim_end_matches('/');
        match (to.starts_with('/'), trimmed.trim_start_matches("./")) {
            (true, _) => trimmed.to_owned(),
            (false, "" | ".") => self.workdir.clone(),
            (false, below) => format!("{}/{below}", self.workdir),
        }
    }
}

/// `./x/` and `/x` of a context are `x`, `.` is all of it.
pub(super) fn tree_path(from: &str) -> &str {
    let from = from.trim_start_matches("./").trim_matches('/');
    match from {
        "." => "",
        from => from,
    }
}
