//! The repository's own Dockerfile: built as it is, read, started, and held against the book.
//!
//! It is a strange Dockerfile: its build has the limits of every build, and of the tree what git has.
//! BuildKit's own checks come with its build. Refuses to judge whether it is good enough: see
//! [`check`](super::check).

use super::journey::outcome;
use super::report::{Outcome, Report, Weight, with_pages};
use super::rounds::{Built, Rounds, Text};
use super::tree::WorkingTree;
use super::trial::{How, Listening};
use super::write::OURS;
use super::{repair, verdicts};
use crate::event::{BuildRemark, Event};
use analysis::dockerfile::dockerfile_bases;
use analysis::image::tree::Tree;
use analysis::preflight::Finding;
use analysis::subject::{Subject, SubjectKind, SubjectName};
use analysis::xray::{Comparand, Difference, Files, difference, image as xray};
use engine::{EngineKind, unreadable};
use policy::UserError;
use serde::Serialize;
use std::sync::Arc;

/// Containers of it are counted from here, beyond all rounds.
const FIRST: usize = 200;
/// Paths that tell what left, at most.
const MAX_GROUPS: usize = 16;
/// Docker's first version whose builder checks Dockerfiles in every build.
const CHECKS_SINCE: u32 = 27;

/// What the repository's own Dockerfile comes to.
#[derive(Clone, Debug, Serialize)]
pub struct Current {
    /// The Dockerfile, from the tree's top.
    pub file: String,
    /// Whether adopt wrote it.
    pub ours: bool,
    /// What it was sent, from the tree's top: a folder, or `.`.
    pub context: String,
    /// The images that it starts from.
    pub bases: Vec<String>,
    /// How long its build took, in milliseconds.
    pub build_ms: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// What it weighs, where it was built.
    pub weight: Option<Weight>,
    /// How its start went.
    pub how: Option<How>,
    /// Where it listens, with its answers.
    pub ports: Vec<Listening>,
    /// From start to answer, in milliseconds.
    pub answered_ms: Option<u64>,
    /// What was said, where it was not built or did not come up.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// The page that shows why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Why nothing can be told of it from here, though it may well be sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untold: Option<Untold>,
    /// What preflight finds in its image.
    #[serde(serialize_with = "with_pages")]
    pub findings: Vec<Finding>,
    /// What the builder's own checks say; `None` where the engine's builder has none.
    pub checks: Option<Vec<BuildRemark>>,
    /// What is no longer there in the adopted image, and what came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Difference>,
    /// Its image, as reports about it name it.
    #[serde(skip)]
    pub subject: Option<Subject>,
}

/// Why a Dockerfile that is not built here may be sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Untold {
    /// Something that its build fetches cannot be reached from here.
    Network,
    /// It asks for a frontend, which is not fetched, and the engine's own is an old one.
    Frontend,
    /// It copies what git ignores, which stays behind.
    Ignored,
}

impl Untold {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Untold::Network => "what its build fetches cannot be reached from here",
            Untold::Frontend => {
                "it asks for another builder's frontend (# syntax=), and this engine's own is an \
                 old one"
            }
            Untold::Ignored => "it copies what git ignores, which stays behind here",
        }
    }
}

impl Rounds<'_> {
    /// What the tree's own Dockerfile comes to, beside the adopted image; `None` without one.
    ///
    /// # Errors
    /// The engine cannot build, or does not answer.
    pub(super) async fn current(
        &self,
        adopted: Option<&Arc<Built>>,
        report: &Report,
    ) -> Result<Option<Current>, UserError> {
        let Some(file) = own_dockerfile(self.tree) else {
            return Ok(None);
        };
        let dockerfile = self.tree.text(&file).unwrap_or_default().to_owned();
        self.site.log.push(Event::Round {
            n: "As it is".into(),
            what: file.clone(),
        });
        let mut current = Current {
            ours: dockerfile.starts_with(OURS),
            context: ".".into(),
            bases: dockerfile_bases(&dockerfile),
            file,
            build_ms: 0,
            outcome: Outcome::Nothing,
            weight: None,
            how: None,
            ports: Vec::new(),
            answered_ms: None,
            said: String::new(),
            why: None,
            untold: None,
            findings: Vec::new(),
            checks: None,
            left: None,
            subject: None,
        };
        let folder = current.file.rsplit_once('/').map(|(folder, _)| folder);
        let mut contexts = vec![""];
        contexts.extend(folder);
        let contexts: Vec<String> = contexts.into_iter().map(str::to_owned).collect();
        let before = self.site.log.after(0).0.len();
        let mut image = None;
        for (n, context) in contexts.iter().enumerate() {
            let tree = self.tree.below(context);
            let text = Text {
                name: &format!("o{n}"),
                dockerfile: &dockerfile,
                ignore: &ignored(self.tree, &current.file, context),
                tree: &tree,
                no_cache: false,
            };
            let (ms, built) = self.build_text(&text).await?;
            match built {
                Ok(built) => {
                    (current.build_ms, image) = (ms, Some(built));
                    if !context.is_empty() {
                        current.context.clone_from(context);
                    }
                    break;
                }
                // What was said first counts: most are written for the top of the repository.
                Err(said) if current.said.is_empty() => {
                    let why = verdicts::why_not_built(&said, self.tree, self.hints);
                    current.build_ms = ms;
                    current.said = repair::last(&said);
                    current.why = why.page.or_else(|| self.page_about(&said));
                    current.untold = untold(&said, &dockerfile, self.tree, self.has_checks());
                }
                Err(_) => {}
            }
        }
        current.checks = self.has_checks().then(|| self.remarks_since(before));
        let Some(image) = image else {
            return Ok(Some(current));
        };
        (current.said, current.why, current.untold) = (String::new(), None, None);
        let built = Arc::new(self.read_any(image).await?);
        self.seen(&built, &mut current, report).await?;
        if let Some(adopted) = adopted {
            let names = (current.file.clone(), "adopted".to_owned());
            current.left = Some(compared(&built, adopted, names).await?);
        }
        Ok(Some(current))
    }

    async fn seen(
        &self,
        built: &Built,
        current: &mut Current,
        report: &Report,
    ) -> Result<(), UserError> {
        current.weight = Some(built.weight());
        current.findings.clone_from(&built.findings);
        let name = report.plan.as_ref().map_or("image", |plan| &plan.name);
        current.subject = Some(built.subject(name));
        let config = &built.inspection.image.config.runtime;
        let program: Vec<&str> = match config.entrypoint.is_empty() {
            true => config.cmd.iter().take(1).map(String::as_str).collect(),
            false => Vec::new(),
        };
        let trial = self.start(FIRST, &built.image, &program, report).await?;
        current.outcome = outcome(&trial, report.outcome);
        current.answered_ms = (current.outcome == Outcome::Answers).then_some(trial.ms);
        if !current.outcome.works() {
            let mut said = trial.output.clone();
            if let How::Refused { message } = &trial.how {
                said = format!("{said}\n{message}");
            }
            current.said = repair::last(&said);
            current.why = self.page_about(&said);
        }
        current.ports = trial.ports;
        current.how = Some(trial.how);
        Ok(())
    }

    /// Whether the builder tells what it thinks of a Dockerfile; only then is silence praise.
    fn has_checks(&self) -> bool {
        let kind = self.site.engine.kind();
        matches!(kind, EngineKind::Docker { major: Some(major) } if major >= CHECKS_SINCE)
    }

    fn remarks_since(&self, before: usize) -> Vec<BuildRemark> {
        let (entries, _) = self.site.log.after(before as u64);
        let remarks = entries.into_iter().filter_map(|entry| match entry.event {
            Event::Remark(remark) => Some(remark),
            _ => None,
        });
        let mut seen: Vec<BuildRemark> = Vec::new();
        for remark in remarks {
            if !seen.contains(&remark) {
                seen.push(remark);
            }
        }
        seen
    }
}

/// Why a build that failed like this says nothing of the Dockerfile.
fn untold(said: &str, dockerfile: &str, tree: &WorkingTree, modern: bool) -> Option<Untold> {
    if engine::is_registry_unreachable(said) {
        return Some(Untold::Network);
    }
    let mut directives = dockerfile.lines().take_while(|line| line.starts_with('#'));
    let asks = directives.any(|line| {
        let line = line.trim_start_matches('#').trim_start();
        line.to_ascii_lowercase().starts_with("syntax")
    });
    if asks && !modern {
        return Some(Untold::Frontend);
    }
    // `"/bin/shop": not found`, and of older builders `lstat /…/buildkit-mount1/bin: no such file`: a
    // path of the context that the tree has, and git ignores.
    let quoted = said.split('"').skip(1).step_by(2);
    let walked = said.split("buildkit-mount").skip(1);
    let walked = walked.filter_map(|rest| rest.split([':', ' ', '\n']).next()?.split_once('/'));
    let missing = quoted.chain(walked.map(|(_, path)| path));
    let mut missing = missing
        .map(|path| path.trim_matches('/'))
        .filter(|path| !path.is_empty());
    let ignored = missing.any(|path| {
        let below = format!("{path}/");
        let mut ignored = tree.ignored.iter();
        ignored.any(|one| one == path || one.starts_with(&below))
    });
    let absent = said.contains("not found") || said.contains("no such file");
    (ignored && absent).then_some(Untold::Ignored)
}

/// The Dockerfile that builds the repository's image: at the top, else the one that compiles Go and
/// lies nearest to it. What belongs to others, or to tests, is none.
fn own_dockerfile(tree: &WorkingTree) -> Option<String> {
    let aside = |folder: &str| {
        matches!(
            folder,
            "vendor" | "testdata" | "node_modules" | ".devcontainer" | "examples" | "third_party"
        )
    };
    let named = tree.paths().filter(|path| {
        let mut parts: Vec<&str> = path.split('/').collect();
        let name = parts.pop().unwrap_or_default();
        matches!(name, "Dockerfile" | "Containerfile") && !parts.into_iter().any(aside)
    });
    let ranked = named.filter_map(|path| {
        let text = tree.text(path)?;
        let depth = path.matches('/').count();
        let compiles = text.contains("go build") || text.contains("go install");
        Some(((depth > 0, !compiles, depth), path))
    });
    ranked.min().map(|(_, path)| path.to_owned())
}

/// The ignore file that BuildKit takes: the Dockerfile's own, else the context's.
fn ignored(tree: &WorkingTree, file: &str, context: &str) -> String {
    let own = format!("{file}.dockerignore");
    let common = match context {
        "" => ".dockerignore".to_owned(),
        folder => format!("{folder}/.dockerignore"),
    };
    let text = tree.text(&own).or_else(|| tree.text(&common));
    text.unwrap_or_default().to_owned()
}

/// What is no longer there, told as an X-ray does, in a thread of its own.
async fn compared(
    from: &Arc<Built>,
    to: &Arc<Built>,
    names: (String, String),
) -> Result<Difference, UserError> {
    let (from, to) = (from.clone(), to.clone());
    let comparing = tokio::task::spawn_blocking(move || -> Result<Difference, UserError> {
        let named = |name: String| SubjectName {
            kind: SubjectKind::Image,
            name,
        };
        // Their trees borrow from the images: all of it stays in here.
        let (before, after) = (tree_of(&from)?, tree_of(&to)?);
        let first = xray(named(names.0), &from.inspection, &before);
        let second = xray(named(names.1), &to.inspection, &after);
        let mut seen = difference(
            Comparand {
                report: &first,
                files: Some(Files {
                    inspection: &from.inspection,
                    tree: &before,
                }),
            },
            Comparand {
                report: &second,
                files: Some(Files {
                    inspection: &to.inspection,
                    tree: &after,
                }),
            },
        );
        seen.programs.clear();
        seen.groups.truncate(MAX_GROUPS);
        Ok(seen)
    });
    comparing.await.unwrap_or_else(|error| {
        Err(UserError {
            what: format!("The images could not be compared: {error}"),
            cause: "a task of ours broke off".into(),
            next: "run it again; if it stays, please report it".into(),
        })
    })
}

fn tree_of(built: &Built) -> Result<Tree<'_>, UserError> {
    let tree = Tree::of(&built.inspection.image);
    tree.map_err(|error| unreadable("the image", &error))
}

#[cfg(test)]
mod tests {
    use super::super::tree::testing::tree;
    use super::*;

    #[test]
    fn the_dockerfile_of_the_top_is_the_repositorys() {
        let go = "FROM golang\nRUN go build\n";
        let pick = |files: &[(&str, &str)]| own_dockerfile(&tree(files));
        assert_eq!(pick(&[("main.go", "")]), None);
        let top = [("Dockerfile", "FROM x\n"), ("build/Dockerfile", go)];
        assert_eq!(pick(&top).as_deref(), Some("Dockerfile"));
        let below = [
            ("docs/Dockerfile", "FROM node\n"),
            ("deploy/images/Dockerfile", go),
            ("examples/a/Dockerfile", go),
            ("vendor/b/Dockerfile", go),
        ];
        assert_eq!(pick(&below).as_deref(), Some("deploy/images/Dockerfile"));
        assert_eq!(pick(&below[2..]), None);
    }

    #[test]
    fn a_build_that_fails_for_the_place_where_it_is_built_says_nothing_of_the_dockerfile() {
        let mut tree = tree(&[("main.go", "")]);
        tree.ignored.insert("bin/shop".into());
        let plain = "FROM scratch\nCOPY bin/shop /\n";
        let foreign = "# syntax=docker/dockerfile:1.7\nFROM scratch\n";
        let not_there = |path: &str| {
            format!(
                "failed to compute cache key: failed to calculate checksum: \"/{path}\": not found"
            )
        };
        let walked = "failed to compute cache key: failed to walk /var/lib/docker/tmp/buildkit-mount43/bin: \
                      lstat /var/lib/docker/tmp/buildkit-mount43/bin: no such file or directory";
        let no_host = "failed to do request: Head \"https://registry.test/v2/\": dial tcp: lookup \
                       registry.test: no such host";
        for (said, dockerfile, modern, expected) in [
            (no_host, plain, true, Some(Untold::Network)),
            (
                "unknown instruction: EOF",
                foreign,
                false,
                Some(Untold::Frontend),
            ),
            ("unknown instruction: EOF", foreign, true, None),
            ("unknown instruction: EOF", plain, false, None),
            (&*not_there("bin/shop"), plain, true, Some(Untold::Ignored)),
            (&*not_there("bin"), plain, true, Some(Untold::Ignored)),
            (&*not_there("bin/other"), plain, true, None),
            (walked, plain, false, Some(Untold::Ignored)),
        ] {
            assert_eq!(untold(said, dockerfile, &tree, modern), expected, "{said}");
        }
    }

    #[test]
    fn the_ignore_file_beside_a_dockerfile_goes_before_the_contexts() {
        let tree = tree(&[
            (".dockerignore", "a"),
            ("build/.dockerignore", "b"),
            ("build/Dockerfile.dockerignore", "c"),
        ]);
        assert_eq!(ignored(&tree, "Dockerfile", ""), "a");
        assert_eq!(ignored(&tree, "x/Dockerfile", "build"), "b");
        assert_eq!(ignored(&tree, "build/Dockerfile", ""), "c");
        assert_eq!(ignored(&tree, "x/Dockerfile", "x"), "");
    }
}
