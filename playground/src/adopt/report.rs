//! What adopting a repository came to, for people and for programs.
//!
//! Owns the facts of the report and its JSON; `text` and `html` beside it say the same in words.

mod compared;
pub mod html;
mod stages;
pub mod text;

use super::current::Current;
use super::journey::Stage;
use super::mains::Command;
use super::plan::{Decisions, Plan};
use super::quoting::word;
use super::repair::Repair;
use super::trial::{How, Listening};
use analysis::preflight::Finding;
use analysis::preflight::report::finding_json;
use analysis::subject::Subject;
use serde::{Serialize, Serializer};

/// What came of it, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The service answers from the image.
    Answers,
    /// It listens; what it speaks has no answer to a GET.
    Listens,
    /// It is a tool, and tells about itself from the image.
    Tool,
    /// It runs for as long as it was watched, and listens nowhere.
    Runs,
    /// The image is built; the program does not come up here.
    Builds,
    /// There is no image.
    Nothing,
}

impl Outcome {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::Answers => "answers",
            Outcome::Listens => "listens",
            Outcome::Tool => "is a tool, and tells about itself",
            Outcome::Runs => "runs",
            Outcome::Builds => "is built, and does not come up here",
            Outcome::Nothing => "cannot be built here",
        }
    }

    /// Whether the image does what there is for it to do.
    pub fn works(self) -> bool {
        self <= Outcome::Runs
    }
}

/// What could not be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmended {
    /// What is so, in a sentence.
    pub what: String,
    /// The page of the book about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// What to do next.
    pub next: String,
    /// The last lines of what was said.
    pub said: Vec<String>,
}

/// One build, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    /// From 1.
    pub n: usize,
    /// How long the build took, in milliseconds.
    pub build_ms: u64,
    /// How its start went; `None` where it was not started.
    pub how: Option<How>,
    /// What was said, where that told something.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// What was changed after it.
    pub repairs: Vec<Repair>,
}

impl Round {
    /// How its start went, as the program or the engine said it: not yet made harmless.
    fn how_in_words(&self) -> String {
        how_in_words(self.how.as_ref())
    }
}

fn how_in_words(how: Option<&How>) -> String {
    match how {
        None => "not started".to_owned(),
        Some(How::Listens) => "listens".to_owned(),
        Some(How::Silent) => "runs, listens nowhere".to_owned(),
        Some(How::Exited { code, .. }) => format!("ended with {code}"),
        Some(How::Refused { message }) => format!("did not start: {message}"),
    }
}

/// What the image weighs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Weight {
    /// Unpacked, in bytes.
    pub unpacked: u64,
    /// As blobs of a registry, in bytes.
    pub compressed: u64,
}

/// What adopting a repository came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The tree as it was named.
    pub path: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The command that was taken for the service; `None` where there is none.
    pub command: Option<Command>,
    /// The other commands, the likeliest first.
    pub others: Vec<Command>,
    /// What was decided, and why.
    pub decisions: Decisions,
    /// Builds and starts, in order.
    pub rounds: Vec<Round>,
    /// The plan that the files are written from.
    pub plan: Option<Plan>,
    /// `Dockerfile`
    pub dockerfile: Option<String>,
    /// `.dockerignore`
    pub dockerignore: Option<String>,
    /// What the image weighs, where it was built.
    pub weight: Option<Weight>,
    /// Where it listens, with its answers.
    pub ports: Vec<Listening>,
    /// From start to answer, in milliseconds.
    pub answered_ms: Option<u64>,
    /// What preflight still finds in the image.
    #[serde(serialize_with = "with_pages")]
    pub findings: Vec<Finding>,
    /// What could not be mended.
    pub unmended: Option<Unmended>,
    /// What was left out of the tree, in words.
    pub left_out: Vec<String>,
    /// Commands that show the same without the playground.
    pub proof: Vec<String>,
    /// The repository's own Dockerfile, where it has one and that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
    /// The book's journey with this code, where that was asked for; empty where there is no image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub journey: Vec<Stage>,
    /// The image, as reports about it name it.
    #[serde(skip)]
    pub subject: Option<Subject>,
    /// How long it all took, in milliseconds.
    pub ms: u64,
}

impl Report {
    /// A report about a tree of which nothing is known yet.
    pub(super) fn new(path: &str) -> Report {
        Report {
            path: path.to_owned(),
            outcome: Outcome::Nothing,
            command: None,
            others: Vec::new(),
            decisions: Decisions::default(),
            rounds: Vec::new(),
            plan: None,
            dockerfile: None,
            dockerignore: None,
            weight: None,
            ports: Vec::new(),
            answered_ms: None,
            findings: Vec::new(),
            unmended: None,
            left_out: Vec::new(),
            proof: Vec::new(),
            current: None,
            journey: Vec::new(),
            subject: None,
            ms: 0,
        }
    }

    /// As JSON, quiet on every terminal.
    pub fn json(&self) -> String {
        let json = serde_json::to_string_pretty(self).unwrap_or_default();
        policy::sanitize::quiet_json(&json)
    }
}

/// Findings with what their rules say: a title, and the page of the book.
pub(super) fn with_pages<S: Serializer>(
    findings: &[Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(finding_json))
}

/// The commands that show the same with docker alone.
pub(super) fn proof(plan: &Plan, dockerfile: &str, outcome: Outcome) -> Vec<String> {
    let name = plan.name.to_ascii_lowercase();
    let mut build = "docker build".to_owned();
    if dockerfile != "Dockerfile" {
        build.push_str(&format!(" -f {dockerfile}"));
    }
    build.push_str(&format!(" -t {name}:adopted ."));
    let mut run =
        "docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges".to_owned();
    if plan.tmp {
        run.push_str(" --tmpfs /tmp");
    }
    for (name, value) in &plan.given {
        run.push_str(&format!(" -e {}", word(&format!("{name}={value}"))));
    }
    let port = plan.ports.first();
    if let Some(port) = port {
        run.push_str(&format!(" -p 127.0.0.1:{port}:{port}"));
    }
    run.push_str(&format!(" {name}:adopted"));
    if outcome == Outcome::Tool {
        run.push_str(" --help");
    }
    let mut proof = vec![build, format!("playground preflight {name}:adopted"), run];
    if let (Some(port), Outcome::Answers) = (port, outcome) {
        proof.push(format!("curl -i http://127.0.0.1:{port}/"));
    }
    proof
}

#[cfg(test)]
mod tests {
    use super::super::plan::testing::plan;
    use super::*;

    #[test]
    fn the_proof_can_be_typed() {
        let mut plan = plan();
        plan.tmp = true;
        plan.ports.insert(8080);
        plan.given.insert("DSN".into(), "a b'c".into());
        let proof = proof(&plan, "Dockerfile.scratch", Outcome::Answers);
        assert_eq!(
            proof[0],
            "docker build -f Dockerfile.scratch -t app:adopted ."
        );
        assert_eq!(
            proof[2],
            "docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges \
             --tmpfs /tmp -e 'DSN=a b'\\''c' -p 127.0.0.1:8080:8080 app:adopted"
        );
    }

    #[test]
    fn better_outcomes_come_first() {
        assert!(Outcome::Answers < Outcome::Tool && Outcome::Runs < Outcome::Builds);
        assert!(Outcome::Tool.works() && !Outcome::Builds.works());
    }
}
