//! The image that is to be: what its Dockerfile will say, and why.
//!
//! Plain data. `decide` makes the first plan, `repair` changes it, `dockerfile` writes it down.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Who the program runs as: a number, since `runAsNonRoot` cannot read names.
pub(super) const UID: u32 = 65532;
/// The setting by which the C compiler is told something.
pub(super) const C_FLAGS: &str = "CGO_CFLAGS";

/// How the program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linkage {
    /// No C at all: static, and for any platform.
    Pure,
    /// C, linked statically against musl.
    Musl,
    /// C, with glibc beside it in the image.
    Glibc,
}

/// The image that is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The image that holds Go.
    pub go_image: String,
    /// The module's folder from the tree's top, `""` for the top.
    pub module_dir: String,
    /// What `go build` is given, from there.
    pub package: String,
    /// What the program is called in the image.
    pub name: String,
    /// Files that decide which modules are fetched; none where they lie in `vendor`.
    pub module_files: Vec<String>,
    /// How it is linked.
    pub linkage: Linkage,
    /// Build tags.
    pub tags: BTreeSet<String>,
    /// Variables of its code that its own build gives the version to: `main.version`.
    pub stamps: BTreeSet<String>,
    /// Settings of the compiler: `GOFIPS140`.
    pub settings: BTreeMap<String, String>,
    /// Whether the image brings CA certificates.
    pub certificates: bool,
    /// Whether it brings a passwd and a group file.
    pub passwd: bool,
    /// Whether it brings `/tmp`.
    pub tmp: bool,
    /// Whether it brings Go's archive of time zones.
    pub zones: bool,
    /// Whether it brings a table of file types.
    pub mime: bool,
    /// Files and folders of the tree that it brings: from, to.
    pub files: BTreeMap<String, String>,
    /// The working directory, where it matters.
    pub workdir: Option<String>,
    /// Directories that the program writes to, which live longer than the container.
    pub writable: BTreeSet<String>,
    /// Environment that belongs into the image.
    pub env: BTreeMap<String, String>,
    /// Environment that only whoever starts it can know; with samples, for the trial.
    pub given: BTreeMap<String, String>,
    /// Arguments.
    pub args: Vec<String>,
    /// TCP ports that it listens on.
    pub ports: BTreeSet<u16>,
}

impl Plan {
    /// The base that it ends on.
    pub fn base(&self) -> &'static str {
        match self.linkage {
            Linkage::Pure | Linkage::Musl => "scratch",
            Linkage::Glibc => GLIBC_BASE,
        }
    }

    /// The program's path.
    pub fn program(&self) -> String {
        format!("/{}", self.name)
    }
}

/// Glibc, and what distroless brings besides: certificates, zones, a user list, `/tmp`.
pub(super) const GLIBC_BASE: &str = "gcr.io/distroless/base-debian13:nonroot";

/// A decision, with what one can hold against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was to be decided.
    pub topic: Topic,
    /// How.
    pub value: String,
    /// What was seen that says so.
    pub evidence: Vec<String>,
    /// What would change it.
    pub otherwise: String,
    /// The page of the book about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// What is decided about an image, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Topic {
    Command,
    Go,
    Modules,
    Cgo,
    Tags,
    Compiler,
    Generate,
    Base,
    User,
    Certificates,
    Zones,
    Users,
    Temporary,
    Types,
    Programs,
    Files,
    Writable,
    Arguments,
    Environment,
    Port,
    Health,
    Signals,
}

impl Topic {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Topic::Command => "command",
            Topic::Go => "Go",
            Topic::Modules => "modules",
            Topic::Cgo => "cgo",
            Topic::Tags => "tags",
            Topic::Compiler => "compiler",
            Topic::Generate => "generated code",
            Topic::Base => "base",
            Topic::User => "user",
            Topic::Certificates => "certificates",
            Topic::Zones => "time zones",
            Topic::Users => "user list",
            Topic::Temporary => "/tmp",
            Topic::Types => "file types",
            Topic::Programs => "other programs",
            Topic::Files => "files",
            Topic::Writable => "writable",
            Topic::Arguments => "arguments",
            Topic::Environment => "environment",
            Topic::Port => "port",
            Topic::Health => "health",
            Topic::Signals => "signals",
        }
    }
}

/// All decisions so far: one for each topic, the latest counts, evidence adds up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Decisions(pub Vec<Decision>);

impl Decisions {
    /// Decides, or decides anew.
    pub fn set(
        &mut self,
        topic: Topic,
        value: impl Into<String>,
        evidence: impl IntoIterator<Item = String>,
        otherwise: impl Into<String>,
        page: Option<&str>,
    ) {
        let mut decision = Decision {
            topic,
            value: value.into(),
            evidence: evidence.into_iter().take(12).collect(),
            otherwise: otherwise.into(),
            page: page.map(str::to_owned),
        };
        if let Some(at) = self.0.iter().position(|one| one.topic == topic) {
            let before = self.0.remove(at).evidence;
            let old = before
                .into_iter()
                .filter(|one| !decision.evidence.contains(one));
            let mut all: Vec<String> = old.collect();
            all.append(&mut decision.evidence);
            decision.evidence = all;
        }
        self.0.push(decision);
        self.0.sort_by_key(|decision| decision.topic);
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A plan for one program at the top of a module.
    pub(in crate::adopt) fn plan() -> Plan {
        Plan {
            go_image: "golang:1.27-bookworm".into(),
            module_dir: String::new(),
            package: ".".into(),
            name: "app".into(),
            module_files: vec!["go.mod".into(), "go.sum".into()],
            linkage: Linkage::Pure,
            tags: BTreeSet::new(),
            stamps: BTreeSet::new(),
            settings: BTreeMap::new(),
            certificates: false,
            passwd: false,
            tmp: false,
            zones: false,
            mime: false,
            files: BTreeMap::new(),
            workdir: None,
            writable: BTreeSet::new(),
            env: BTreeMap::new(),
            given: BTreeMap::new(),
            args: Vec::new(),
            ports: BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_decision_counts_and_evidence_adds_up() {
        let mut decisions = Decisions::default();
        let seen = |text: &str| vec![text.to_owned()];
        decisions.set(Topic::Port, "8080", seen("a"), "", None);
        decisions.set(Topic::Go, "1.27", seen("b"), "", None);
        decisions.set(Topic::Port, "9090", seen("c"), "", None);
        let told: Vec<_> = decisions.0.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(told, ["1.27", "9090"]);
        assert_eq!(decisions.0[1].evidence, ["a", "c"]);
    }
}
