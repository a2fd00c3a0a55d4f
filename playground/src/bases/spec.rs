//! What a base is made of: `bases.toml`, read and checked.
//!
//! Pure: text in, bases or every problem out. Where layers lie and how they come about is
//! not known here.

use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use toml::Spanned;

/// The data that the binary carries.
pub(super) const EMBEDDED: &str = include_str!("../../bases/bases.toml");

/// All bases.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    /// The newest Go, as `--go` and tags have it: 1.27.
    pub(super) newest: String,
    /// Which base takes the place of which where the newest Go is asked for.
    pub(super) newest_for: HashMap<String, String>,
    pub(super) bases: Vec<Base>,
}

/// An image that Dockerfiles start from, and how it is put together where it must be.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub(super) name: String,
    /// The Go that the recipe is asked for.
    pub(super) go: String,
    pub(super) published_mb: Option<f64>,
    pub(super) differs: Vec<String>,
    pub(super) cmd: Option<Vec<String>>,
    pub(super) workdir: String,
    pub(super) user: String,
    pub(super) env: Vec<String>,
    pub(super) layers: Vec<Instruction>,
}

/// A line of the image's history; those with a tar make a layer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instruction {
    pub(super) tar: Option<String>,
    pub(super) created_by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    go_version: Spanned<String>,
    go_newest: Spanned<String>,
    #[serde(default)]
    newest_for: BTreeMap<Spanned<String>, Spanned<String>>,
    base: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    /// It belongs to the newest Go, rather than to the one that the sources quote.
    #[serde(default)]
    newest: bool,
    /// Absent where nobody whom we can name says it.
    published_mb: Option<Spanned<f64>>,
    published_source: Option<Spanned<String>>,
    differs: Spanned<Vec<String>>,
    cmd: Option<Vec<String>>,
    workdir: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    env: Spanned<Vec<String>>,
    layers: Spanned<Vec<Instruction>>,
}

impl Spec {
    /// Reads `text`; `go_version`, where given, stands in for the one in the file.
    pub(super) fn parse(text: &str, go_version: Option<&str>) -> Result<Spec, Vec<String>> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, &span));
            vec![format!("bases.toml:{line}: {}", error.message())]
        })?;
        let mut problems = Problems {
            text,
            found: Vec::new(),
        };
        let quoted = go_version.unwrap_or(file.go_version.get_ref());
        let newest = file.go_newest.get_ref().as_str();
        for (go, at, told) in [
            (quoted, &file.go_version, "go_version must be like 1.23.9"),
            (newest, &file.go_newest, "go_newest must be like 1.27.3"),
        ] {
            let numbers = go.split('.').all(|part| part.parse::<u32>().is_ok());
            problems.unless(numbers && go.contains('.'), at, told);
        }
        let entries = file.base.iter();
        let bases: Vec<_> = entries
            .map(|entry| {
                let go = if entry.newest { newest } else { quoted };
                let minor = minor(go);
                let fill = |text: &str| text.replace("{go_version}", go).replace("{go}", &minor);
                entry.check(&mut problems, go, &fill)
            })
            .collect();
        let mut names = HashSet::new();
        for (entry, base) in file.base.iter().zip(&bases) {
            let new = names.insert(&base.name);
            problems.unless(new, &entry.name, "this name is there twice");
        }
        let newest_minor = minor(newest);
        let filled = file.newest_for.iter().map(|(of, by)| {
            let name = by.get_ref().replace("{go}", &newest_minor);
            let told = "there is no base of this name";
            problems.unless(bases.iter().any(|base| base.name == name), by, told);
            // With another quoted Go there is nothing to take the place of.
            let known = bases.iter().any(|base| base.name == *of.get_ref());
            problems.unless(known || go_version.is_some(), of, told);
            (of.get_ref().clone(), name)
        });
        let newest_for = filled.collect();
        match problems.found.is_empty() {
            true => Ok(Spec {
                newest: newest_minor,
                newest_for,
                bases,
            }),
            false => Err(problems.found),
        }
    }
}

impl Entry {
    fn check(&self, problems: &mut Problems<'_>, go: &str, fill: &dyn Fn(&str) -> String) -> Base {
        let name = fill(self.name.get_ref());
        let pinned = (name.rsplit_once(':'))
            .is_some_and(|(image, tag)| !image.is_empty() && !tag.is_empty());
        let told = "a base needs a tag: Dockerfiles must be pinned";
        problems.unless(pinned, &self.name, told);
        if let Some(published) = &self.published_mb {
            let told = "published_mb must be more than nothing";
            problems.unless(*published.get_ref() > 0.0, published, told);
            let source = self.published_source.as_ref();
            let sourced = source.is_some_and(|source| !source.get_ref().trim().is_empty());
            let told = "say where the published size is from";
            match source {
                Some(source) => problems.unless(sourced, source, told),
                None => problems.unless(sourced, published, told),
            }
        } else if let Some(source) = &self.published_source {
            problems.unless(false, source, "say which published size that is from");
        }
        let differs = !self.differs.get_ref().is_empty();
        problems.unless(differs, &self.differs, "say how the rebuilt image differs");
        let pairs = self.env.get_ref().iter().all(|pair| pair.contains('='));
        problems.unless(pairs, &self.env, "env holds NAME=value");
        if let Some(workdir) = &self.workdir {
            let absolute = workdir.get_ref().starts_with('/');
            problems.unless(absolute, workdir, "workdir must be absolute");
        }
        if let Some(user) = &self.user {
            let number = user.get_ref().parse::<u32>().is_ok();
            problems.unless(number, user, "user must be a number");
        }
        let layers: Vec<_> = (self.layers.get_ref().iter())
            .map(|line| Instruction {
                tar: line.tar.as_deref().map(fill),
                created_by: fill(&line.created_by),
            })
            .collect();
        let tars = || layers.iter().filter_map(|line| line.tar.as_deref());
        let told = "a base needs at least one layer with a tar";
        problems.unless(tars().next().is_some(), &self.layers, told);
        let letter = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        let plain = tars().all(|tar| tar.chars().all(letter));
        let told = "a tar is named by letters, digits, - and . alone";
        problems.unless(plain, &self.layers, told);
        let text = |of: &Option<Spanned<String>>| of.clone().map(Spanned::into_inner);
        Base {
            name,
            go: go.to_owned(),
            published_mb: self.published_mb.as_ref().map(|mb| *mb.get_ref()),
            differs: self.differs.get_ref().clone(),
            cmd: self.cmd.clone(),
            workdir: text(&self.workdir).unwrap_or_default(),
            user: text(&self.user).unwrap_or_default(),
            env: self.env.get_ref().iter().map(|pair| fill(pair)).collect(),
            layers,
        }
    }
}

impl Base {
    /// Names of the layers' tars, from the bottom up.
    pub(super) fn tars(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().filter_map(|line| line.tar.as_deref())
    }
}

struct Problems<'a> {
    text: &'a str,
    found: Vec<String>,
}

impl Problems<'_> {
    fn unless<T>(&mut self, sound: bool, at: &Spanned<T>, problem: &str) {
        if !sound {
            let line = line_of(self.text, &at.span());
            self.found.push(format!("bases.toml:{line}: {problem}"));
        }
    }
}

/// 1.27 of 1.27.3.
fn minor(go: &str) -> String {
    go.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

fn line_of(text: &str, at: &Range<usize>) -> usize {
    text[..at.start.min(text.len())].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_bases_are_sound() {
        let spec = Spec::parse(EMBEDDED, None).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let names: Vec<_> = spec.bases.iter().map(|base| base.name.as_str()).collect();
        assert!(names.contains(&"golang:1.23"), "{names:?}");
        assert!(
            names.contains(&"gcr.io/distroless/static-debian12:nonroot"),
            "{names:?}"
        );
    }

    #[test]
    fn another_go_is_one_setting() {
        let spec = Spec::parse(EMBEDDED, Some("1.24.11")).unwrap_or_else(|p| panic!("{p:#?}"));
        let golang = spec.bases.iter().find(|base| base.name == "golang:1.24");
        let golang = golang.unwrap_or_else(|| panic!("{:?}", spec.bases));
        assert!(golang.env.contains(&"GOLANG_VERSION=1.24.11".to_string()));
        assert!(golang.tars().any(|tar| tar == "go-1.24.11"));
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_line() {
        let text = "go_version = \"new\"\ngo_newest = \"1.27.3\"\n[[base]]\nname = \"golang\"\npublished_mb = 0\n\
                    published_source = \"\"\ndiffers = []\nworkdir = \"go\"\nuser = \"app\"\n\
                    env = [\"PATH\"]\nlayers = [{ created_by = \"x\" }]\n";
        let problems = Spec::parse(&text.replace("= 0", "= 0.0"), None).expect_err("it is unsound");
        let lines: Vec<_> = problems
            .iter()
            .map(|p| p.split(": ").next().unwrap_or(""))
            .collect();
        let expected: Vec<_> = [1, 4, 5, 6, 7, 10, 8, 9, 11]
            .map(|n| format!("bases.toml:{n}"))
            .into();
        assert_eq!(lines, expected, "{problems:#?}");
    }

    #[test]
    fn a_published_size_and_who_says_so_go_together_or_are_both_absent() {
        let size = "published_mb = 7.8\n";
        let source =
            "published_source = \"the published linux/amd64 image, as docker images prints it\"\n";
        let (before, alpine) = EMBEDDED
            .split_once("\"alpine:3.20\"\n")
            .expect("it is there");
        let problems = |gone: &[&str]| {
            let fewer = gone.iter().fold(alpine.to_owned(), |text, line| {
                assert!(text.contains(line), "{line}");
                text.replacen(line, "", 1)
            });
            let text = format!("{before}\"alpine:3.20\"\n{fewer}");
            Spec::parse(&text, None).map_or_else(|found| found, |_| Vec::new())
        };
        assert_eq!(problems(&[size, source]), Vec::<String>::new());
        for (gone, told) in [
            (source, "say where the published size is from"),
            (size, "say which published size that is from"),
        ] {
            let found = problems(&[gone]);
            assert!(found.len() == 1 && found[0].ends_with(told), "{found:?}");
        }
    }

    #[test]
    fn what_the_newest_go_puts_in_place_of_bases_are_bases() {
        let wrong = "\n[newest_for]\n\"golang:1.22\" = \"golang:{go}-alpine\"\n\
                     \"alpine:3.20\" = \"golang:{go}\"\n";
        let (before, rest) = EMBEDDED.split_once("[newest_for]").expect("it is there");
        let (_, behind) = rest.split_once("\n\n").expect("an empty line");
        let text = format!("{before}{}\n{behind}", wrong.trim_start());
        let line = before.matches('\n').count() + 2;
        let mut problems = Spec::parse(&text, None).expect_err("it is unsound");
        problems.sort();
        let told = "there is no base of this name";
        let expected = [line, line + 1].map(|line| format!("bases.toml:{line}: {told}"));
        assert_eq!(problems, expected);
    }

    #[test]
    fn a_misspelt_key_is_an_error() {
        let problems = Spec::parse(
            "go_version = \"1.23.9\"\ngo_newest = \"1.27.3\"\nbasis = 1\nbase = []\n",
            None,
        )
        .expect_err("it is unsound");
        assert!(
            problems[0].starts_with("bases.toml:3: unknown field `basis`"),
            "{problems:?}"
        );
    }
}
