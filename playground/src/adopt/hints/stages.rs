//! Where the stages of a strange Dockerfile have files of the tree, so that what its last stage takes
//! out of one is told by the tree's name. Read, never built: what a stage makes itself is not known. Pure.

use super::super::gomod::join;

/// Stages of a Dockerfile that somebody wrote: of one with more, nothing is told.
const MAX_STAGES: usize = 64;
/// Places that are remembered of a stage.
const MAX_PLACES: usize = 256;
/// A place, in bytes.
const MAX_PLACE: usize = 1024;

/// A place in a stage, and what of the tree lies there; `""` for all of it.
type Held = Vec<(String, String)>;

/// The stages so far.
#[derive(Debug, Default)]
pub(super) struct Stages(Vec<Stage>);

#[derive(Clone, Debug)]
struct Stage {
    name: String,
    /// The number of the stage that it begins from, where that is one.
    base: Option<usize>,
    held: Held,
    /// The working directory, without a slash at its end; none where it cannot be told.
    workdir: Option<String>,
}

impl Stages {
    /// `FROM`: another one begins, with what lies in the one that it starts from. None where there
    /// are too many.
    pub(super) fn begin(&mut self, rest: &str) -> Option<()> {
        let words: Vec<&str> = rest
            .split_whitespace()
            .filter(|word| !word.starts_with("--"))
            .collect();
        let from = words.first().copied().unwrap_or_default();
        let number = self.number(from);
        let base = number.and_then(|number| self.0.get(number));
        let name = match words.as_slice() {
            [_, word, name, ..] if word.eq_ignore_ascii_case("as") => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        let stage = Stage {
            name,
            base: number,
            held: base.map_or(Held::new(), |base| base.held.clone()),
            workdir: base.map_or_else(|| Some(workdir_of(from)), |base| base.workdir.clone()),
        };
        (self.0.len() < MAX_STAGES).then(|| self.0.push(stage))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The number of the stage that the last one begins from, where that is one.
    pub(super) fn base(&self) -> Option<usize> {
        self.0.last()?.base
    }

    /// `WORKDIR`; none where it cannot be told.
    pub(super) fn enter(&mut self, dir: Option<&str>) {
        let place = dir.and_then(|dir| self.place(dir));
        if let Some(stage) = self.0.last_mut() {
            stage.workdir = place;
        }
    }

    /// The working directory, where that is another one than `/`.
    pub(super) fn workdir(&self) -> Option<String> {
        let workdir = self.0.last()?.workdir.clone();
        workdir.filter(|dir| !dir.is_empty())
    }

    /// `COPY` of one thing of the tree to here.
    pub(super) fn copied(&mut self, from: &str, to: &str, into: bool) {
        let from = tree_path(from);
        let Some(mut place) = self.place(to) else {
            return;
        };
        if into && !from.is_empty() {
            let name = from.rsplit('/').next().unwrap_or(from);
            place = format!("{place}/{name}");
        }
        let stage = self.0.last_mut();
        if let Some(stage) = stage.filter(|stage| stage.held.len() < MAX_PLACES) {
            stage.held.push((place, from.to_owned()));
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
        let stage = self.stage(stage);
        let held = stage.map(|stage| stage.held.as_slice());
        let held = held.unwrap_or_default();
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

    fn stage(&self, stage: &str) -> Option<&Stage> {
        self.0.get(self.number(stage)?)
    }

    /// By its name, or its number.
    fn number(&self, stage: &str) -> Option<usize> {
        let lower = stage.to_ascii_lowercase();
        let named = |known: &Stage| !known.name.is_empty() && known.name == lower;
        let by_name = self.0.iter().rposition(named);
        by_name.or_else(|| stage.parse().ok().filter(|number| *number < self.0.len()))
    }

    /// Where a path of an instruction leads to, without a slash at its end.
    pub(super) fn place(&self, to: &str) -> Option<String> {
        let trimmed = to.trim_end_matches('/');
        let workdir = || self.0.last()?.workdir.as_deref();
        let place = match (to.starts_with('/'), trimmed.trim_start_matches("./")) {
            (true, _) => trimmed.trim_end_matches("/.").to_owned(),
            (false, "" | ".") => workdir()?.to_owned(),
            (false, below) => format!("{}/{}", workdir()?, below.trim_end_matches("/.")),
        };
        (place.len() <= MAX_PLACE).then_some(place)
    }
}

/// Where an image of the world works, as far as that is common knowledge: golang in `/go`.
fn workdir_of(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    let name = name.split([':', '@']).next().unwrap_or(name);
    match name {
        "golang" => "/go".to_owned(),
        _ => String::new(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_endless_stages_and_places_no_more_is_remembered_than_somebody_writes() {
        let mut stages = Stages::default();
        stages.begin("x AS a").expect("the first");
        for n in 0..14_000 {
            stages.copied("a", &format!("b{n}"), false);
        }
        stages.copied("a", &format!("/{}", "b".repeat(100_000)), false);
        let begun = (0..18_000).map_while(|_| stages.begin("a")).count();
        assert_eq!(begun, MAX_STAGES - 1);
        assert!(stages.0.iter().all(|stage| stage.held.len() == MAX_PLACES));
        assert_eq!(stages.of_tree("3", "b7"), [("a".into(), String::new())]);
    }

    #[test]
    fn a_stage_works_where_the_one_that_it_begins_from_does() {
        let mut stages = Stages::default();
        let mut workdir = |from: &str, dirs: &[&str]| {
            stages.begin(from).expect("another");
            dirs.iter().for_each(|dir| stages.enter(Some(dir)));
            stages.workdir()
        };
        assert_eq!(
            workdir("golang AS base", &["/app"]).as_deref(),
            Some("/app")
        );
        assert_eq!(workdir("base", &["a", "./b/"]).as_deref(), Some("/app/a/b"));
        assert_eq!(workdir("scratch", &[]), None);
        for golang in ["golang", "docker.io/library/golang:1.23-alpine@sha256:0"] {
            assert_eq!(workdir(golang, &[]).as_deref(), Some("/go"), "{golang}");
        }
        assert_eq!(workdir("base As none", &["/"]), None);
        assert_eq!(stages.base(), Some(0));
        stages.enter(None);
        assert_eq!(stages.place("x"), None);
        assert_eq!(stages.place("/x/.").as_deref(), Some("/x"));
    }
}
