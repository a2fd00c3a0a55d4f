//! The nouns of the catalog: what a lab declares, already validated.
//!
//! Pure data. How it is read from a file and every rule it must satisfy is in `parse`; how it
//! becomes containers is the run's business.

mod expect;
mod variant;

pub use expect::{Condition, Difference, EngineTraits, Expect, go_version};
pub use variant::{Provide, Role, RunSettings, Variant};

use crate::metric::Metric;
use crate::pattern::{as_text, as_text_option};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a lab is for; decides where it is listed and how it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A station on the journey from 846 MB to 2.5 MB.
    Stage,
    /// One way an empty container breaks, with its repairs.
    Failure,
    /// Cases that are measured side by side.
    Experiment,
    /// What a learner is to mend; it lies in `exercises/`.
    #[serde(skip_deserializing)]
    Exercise,
}

/// A folder under `book/labs`: sources, variants, and what each must do.
#[derive(Clone, Debug, Serialize)]
pub struct Lab {
    /// The directory's name (kebab-case).
    pub id: String,
    /// Stage or failure.
    pub kind: Kind,
    /// Heading of the panel.
    pub title: String,
    /// One sentence: what to watch for.
    pub summary: String,
    /// Present exactly when `kind` is [`Kind::Stage`].
    pub stage: Option<Stage>,
    /// Shared source folders under `book/labs`, laid down first (`_service`).
    pub sources: Vec<String>,
    /// Containers that stand beside the variant's own on a private network.
    pub peers: Vec<Peer>,
    /// What somebody pastes who has this problem; a stage has none.
    pub symptoms: Vec<Symptom>,
    /// Files of random bytes that every variant's build context starts from.
    pub ballast: Vec<Ballast>,
    /// What is measured of its variants beyond the metrics of every lab.
    pub metrics: Vec<Metric>,
    /// Whether its Dockerfiles may name images without a version: where that is the subject.
    pub unpinned: bool,
    /// In the order of the file; a failure lab starts with a broken one.
    pub variants: Vec<Variant>,
    /// Where the lab lies on disk.
    #[serde(skip)]
    pub dir: PathBuf,
}

impl Lab {
    /// The metric of this name: one of its own, or one of every lab.
    pub fn metric(&self, id: &str) -> Option<Metric> {
        let own = self.metrics.iter().find(|metric| metric.id == id);
        own.cloned().or_else(|| Metric::built_in(id))
    }
}

/// A lab's place on the journey, and what the source documents claim for it.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// As the book prints it: `1`, `5a`.
    pub number: String,
    /// Position on the chart, ascending.
    pub order: u32,
    /// Claimed size in MB (10⁶ bytes), lower end.
    pub claimed_mb: f64,
    /// Upper end where the source gives a range.
    pub claimed_mb_max: Option<f64>,
    /// Which source document says so (A, B, C or D; see the book's preface).
    pub claimed_by: String,
    /// What the final image stands on, for the chart's legend.
    pub base: String,
}

/// A file that is in the context only for its weight: bytes that do not compress, always the
/// same for the same path, and which no repository has to carry.
#[derive(Clone, Debug, Serialize)]
pub struct Ballast {
    /// Path in the build context.
    pub path: String,
    /// Length in bytes.
    pub bytes: usize,
}

/// A container beside the variant's own: reachable only on the run's private network.
#[derive(Clone, Debug, Serialize)]
pub struct Peer {
    /// Folder under `<lab>/peers/`, holding a `Dockerfile` and its sources.
    pub id: String,
    /// DNS name on the private network.
    pub alias: String,
    /// A line of its output that says it is ready.
    #[serde(serialize_with = "as_text")]
    pub ready: Regex,
}

/// What an error message looks like, wherever it was pasted from.
#[derive(Clone, Debug, Serialize)]
pub struct Symptom {
    /// Found, whatever the case, in what [`crate::matching::Pasted`] makes of the text; none where
    /// people tell it in words of their own.
    #[serde(serialize_with = "as_text_option")]
    pub pattern: Option<Regex>,
    /// The cues of those words.
    #[serde(skip)]
    pub telling: Option<Telling>,
    /// What must not stand in the same text: then the message is about something else.
    #[serde(serialize_with = "as_text_option")]
    pub unless: Option<Regex>,
    /// A real message.
    pub example: String,
    /// One sentence: what it means.
    pub says: String,
    /// The command that tells this cause from others that say the same.
    pub tell: Option<String>,
    /// Whether a lab that knows these words, too, is the likelier one.
    pub second: bool,
    /// Labs that are the less likely ones where this is said: it names the cause of what they know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
}

/// The cues that tell of a failure where they stand together, by their places in the vocabulary.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    /// All of them stand in one passage.
    pub(crate) cues: Vec<usize>,
    /// None of them stands in the text.
    pub(crate) without: Vec<usize>,
}

/// What says in plain words that another program's own business is the cause: `Cannot find module`.
#[derive(Clone, Debug)]
pub struct Stranger {
    /// Found in a text, it outweighs every symptom that is only likely.
    pub pattern: Regex,
    /// Where there are any, it says where something happened, and outweighs these labs' messages alone,
    /// however sure they are, on lines that say so.
    pub labs: Vec<String>,
}

/// A text that many failures end in, and that says nothing by itself: `exit status 1`.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// Found in a line of a short text that no lab knows.
    pub pattern: Regex,
    /// What to paste besides, and where it stands.
    pub ask: String,
}
