//! What a lab's variants did when the book was made: `book/recorded/<lab>.json`.
//!
//! `playground check-content --record` writes them, from runs that went as declared; panels
//! show them to readers without a server, and prose is held against them without an engine.

use super::engines::{ByEngine, ENGINES};
use super::html::escape;
use super::newer;
use catalog::actions::ActionResult;
use catalog::checks::Observation;
use catalog::{Diagnostic, Diagnostics, Moment, Outcome, Reporter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Where recordings lie, from the project's root.
pub const RECORDED: &str = "book/recorded";

/// Every recording of the book, by lab.
#[derive(Clone, Debug, Default)]
pub struct Recordings {
    labs: BTreeMap<String, Recording>,
    /// By the Go that took the place of the one that Dockerfiles name.
    columns: BTreeMap<String, BTreeMap<String, Recording>>,
    engines: ByEngine,
}

/// The folder of recordings with another Go, below [`RECORDED`].
pub(crate) fn column_folder(go: &str) -> String {
    format!("go{go}")
}

/// One lab's recording: where and when it was run, and what each variant did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The engine's name.
    pub engine: String,
    /// Its version.
    pub version: String,
    /// As Go spells it.
    pub arch: String,
    /// The Go that the bases hold, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
    /// UTC, `2026-11-21`.
    pub date: String,
    /// `published` or `rebuilt`.
    pub bases: String,
    /// By id.
    pub variants: BTreeMap<String, Recorded>,
}

/// What one variant did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Who reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// The API call that told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moment: Option<Moment>,
    /// Why this engine differs from others, where the lab declares that it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The container's exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// The telling line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who said what, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transcript: Vec<Said>,
    /// Answers to its probes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
    /// What was done to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<ActionResult>,
    /// What was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Observation>,
    /// The image's sizes, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Weight>,
    /// Duration of the run in milliseconds.
    pub ms: u64,
}

/// Somebody's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Whose.
    pub who: Speaker,
    /// Lines.
    pub text: String,
}

/// Who speaks in a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The program in the container.
    Program,
    /// Engine, runtime or kernel.
    Engine,
    /// The builder, or what a build step ran.
    Builder,
}

/// An answered probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Path and query.
    pub get: String,
    /// HTTP status; absent where no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Beginning of the body, or why no answer came.
    pub body: String,
}

/// What an image weighs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Content of all files in all layers.
    pub unpacked_bytes: u64,
    /// The layers as gzip blobs.
    pub compressed_bytes: u64,
}

impl Recordings {
    /// Reads `book/recorded`, where there is one.
    ///
    /// # Errors
    /// Every recording that is none, by name.
    pub fn load(root: &Path) -> Result<Recordings, Diagnostics> {
        let (recordings, problems) = Recordings::read(root);
        match Diagnostics::found(problems) {
            Some(problems) => Err(problems),
            None => Ok(recordings),
        }
    }

    /// Reads `book/recorded`; says which recordings are none.
    pub fn read(root: &Path) -> (Recordings, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let mut recordings = Recordings {
            labs: read_folder(root, RECORDED, &mut problems),
            ..Recordings::default()
        };
        let listing = std::fs::read_dir(root.join(ENGINES));
        for entry in listing.into_iter().flatten().flatten() {
            let family = entry.file_name().to_string_lossy().into_owned();
            let labs = read_folder(root, &format!("{ENGINES}/{family}"), &mut problems);
            recordings.engines.insert(family, labs);
        }
        let listing = std::fs::read_dir(root.join(RECORDED));
        for entry in listing.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(go) = name.strip_prefix("go").filter(|_| entry.path().is_dir()) {
                let folder = format!("{RECORDED}/{name}");
                let labs = read_folder(root, &folder, &mut problems);
                recordings.columns.insert(go.to_owned(), labs);
            }
        }
        (recordings, problems)
    }

    /// Recordings with another Go than Dockerfiles name, by that Go and by lab.
    pub fn columns(&self) -> &BTreeMap<String, BTreeMap<String, Recording>> {
        &self.columns
    }

    /// Whether pages quote engines of this family; true also where nothing was recorded yet.
    pub fn quote(&self, family: &str) -> bool {
        let mut all = self.labs.values();
        self.labs.is_empty() || all.any(|recording| recording.family() == family)
    }

    /// What other engines do otherwise, by their family and by lab.
    pub fn engines(&self) -> &ByEngine {
        &self.engines
    }

    #[cfg(test)]
    pub(super) fn of_tests(quoted: Recording, (family, there): (&str, Recording)) -> Recordings {
        let of_lab = |recording| BTreeMap::from([("lab".to_owned(), recording)]);
        Recordings {
            labs: of_lab(quoted),
            engines: BTreeMap::from([(family.to_owned(), of_lab(there))]),
            ..Recordings::default()
        }
    }

    /// What was recorded of a variant, with every Go; nothing where it was not recorded.
    pub(super) fn details(&self, lab: &str, variant: &str) -> String {
        let Some(made) = self.labs.get(lab) else {
            return String::new();
        };
        let newer = self.columns.values().filter_map(|labs| labs.get(lab));
        let newer: Vec<_> = newer.collect();
        let engines = self.engines.values().filter_map(|labs| labs.get(lab));
        let engines: Vec<_> = engines.collect();
        made.details(variant, &newer, &engines)
    }

    /// What was recorded of a lab.
    pub fn of(&self, lab: &str) -> Option<&Recording> {
        self.labs.get(lab)
    }

    /// Every lab with a recording.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Recording)> {
        self.labs.iter()
    }
}

/// The recordings of a folder, by lab.
fn read_folder(
    root: &Path,
    folder: &str,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Recording> {
    let mut labs = BTreeMap::new();
    let listing = std::fs::read_dir(root.join(folder));
    for entry in listing.into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(lab) = name.strip_suffix(".json") else {
            continue;
        };
        let read = std::fs::read_to_string(entry.path()).map_err(|error| (None, error.to_string()));
        let read = read.and_then(|text| {
            serde_json::from_str(&text).map_err(|error| {
                let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
                (line, error.to_string())
            })
        });
        match read {
            Ok(recording) => drop(labs.insert(lab.to_owned(), recording)),
            Err((line, why)) => problems.push(Diagnostic {
                file: format!("{folder}/{name}"),
                line,
                text: format!("is no recording: {why}; playground check-content --record {lab}"),
            }),
        }
    }
    labs
}

impl Recording {
    /// The `<details>` at the end of a variant's panel; nothing where it was not recorded.
    fn details(&self, variant: &str, newer: &[&Recording], engines: &[&Recording]) -> String {
        let Some(recorded) = self.variants.get(variant) else {
            return String::new();
        };
        let [engine, version, arch, date] =
            [&self.engine, &self.version, &self.arch, &self.date].map(|of| escape(of));
        let mut html = format!(
            r#"<details class="lab-recorded" data-engine="{engine} {version}" data-arch="{arch}" data-date="{date}""#
        );
        let bytes = |of: fn(Weight) -> u64| recorded.sizes.map(|sizes| of(sizes).to_string());
        let attributes = [
            ("outcome", recorded.outcome.map(kebab)),
            ("reporter", recorded.reporter.map(kebab)),
            ("moment", recorded.moment.map(kebab)),
            ("exit-code", recorded.exit_code.map(|code| code.to_string())),
            ("unpacked-bytes", bytes(|sizes| sizes.unpacked_bytes)),
            ("compressed-bytes", bytes(|sizes| sizes.compressed_bytes)),
        ];
        for (name, value) in attributes {
            if let Some(value) = value {
                let _ = write!(html, r#" data-{name}="{}""#, escape(&value));
            }
        }
        let _ = write!(
            html,
            "><summary>What it did on {engine} {version}, {arch}, on {date}</summary>"
        );
        recorded.push(&mut html);
        for newer in newer {
            html.push_str(&newer::sentence(recorded, newer, variant));
        }
        for engine in engines {
            html.push_str(&engine.sentence(recorded, variant));
        }
        html.push_str("</details>");
        html
    }
}

impl Recorded {
    /// Every line that anybody said, and every one that was seen.
    pub fn lines(&self) -> Vec<String> {
        let said = self.transcript.iter().map(|said| said.text.clone());
        let answered = self.answers.iter().map(|answer| answer.body.clone());
        let acted = self.acts.iter().map(|act| act.reply.text.clone());
        let looked = self.looks.iter().map(|look| look.seen.to_string());
        let texts = said.chain(answered).chain(acted).chain(looked);
        let texts: Vec<String> = texts.chain(self.message.clone()).collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        lines.map(str::to_owned).collect()
    }

    fn push(&self, html: &mut String) {
        for said in &self.transcript {
            let (who, text) = (kebab(said.who), escape(&said.text));
            let _ = write!(html, r#"<pre data-who="{who}">{text}</pre>"#);
        }
        for answer in &self.answers {
            let status = answer
                .status
                .map_or("no answer".to_owned(), |s| s.to_string());
            let text = format!("GET {}\n{status} {}", answer.get, answer.body);
            let _ = write!(html, r#"<pre data-who="answer">{}</pre>"#, escape(&text));
        }
        let acts = self.acts.iter().map(|act| {
            let text = format!("$ {}\n{}", act.command, act.reply.text);
            ("act", &act.title, text.trim_end().to_owned())
        });
        let looks = self.looks.iter();
        let looks = looks.map(|look| ("look", &look.title, look.seen.to_string()));
        for (who, title, text) in acts.chain(looks) {
            let (title, text) = (escape(title), escape(&text));
            let _ = write!(
                html,
                r#"<pre data-who="{who}" data-title="{title}">{text}</pre>"#
            );
        }
    }
}

/// A name as it is written in JSON.
fn kebab(name: impl Serialize) -> String {
    match serde_json::to_value(name) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        let recorded = Recorded {
            outcome: Some(Outcome::CannotStart),
            reporter: Some(Reporter::Engine),
            moment: Some(Moment::Wait),
            exit_code: Some(1),
            transcript: vec![Said {
                who: Speaker::Engine,
                text: "exec <app>:\n\nno".into(),
            }],
            ..Recorded::default()
        };
        Recording {
            engine: "Docker Engine".into(),
            version: "20.10.24".into(),
            arch: "amd64".into(),
            go: Some("1.23.9".into()),
            date: "2026-11-21".into(),
            bases: "rebuilt".into(),
            variants: BTreeMap::from([("broken".into(), recorded)]),
        }
    }

    #[test]
    fn a_recording_is_one_line_of_labelled_html() {
        assert_eq!(
            recording().details("broken", &[], &[]),
            "<details class=\"lab-recorded\" data-engine=\"Docker Engine 20.10.24\" \
             data-arch=\"amd64\" data-date=\"2026-11-21\" data-outcome=\"cannot-start\" \
             data-reporter=\"engine\" data-moment=\"wait\" data-exit-code=\"1\"><summary>What it \
             did on Docker Engine 20.10.24, amd64, on 2026-11-21</summary>\
             <pre data-who=\"engine\">exec &lt;app&gt;:&#10;&#10;no</pre></details>"
        );
        assert_eq!(recording().details("fixed", &[], &[]), "");
    }

    #[test]
    fn a_malformed_recording_is_named_and_an_absent_one_is_none() {
        let root = tempfile::tempdir().expect("a folder");
        assert!(Recordings::load(root.path()).is_ok());
        let dir = root.path().join(RECORDED);
        std::fs::create_dir_all(&dir).expect("made");
        let text = serde_json::to_string_pretty(&recording()).expect("JSON");
        std::fs::write(dir.join("good.json"), &text).expect("written");
        std::fs::write(dir.join("bad.json"), "{\n\"engine\": 3}").expect("written");
        let (recordings, problems) = Recordings::read(root.path());
        assert_eq!(recordings.of("good"), Some(&recording()));
        let [problem] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert!(
            problem
                .to_string()
                .starts_with("book/recorded/bad.json:2: is no recording")
        );
    }
}
