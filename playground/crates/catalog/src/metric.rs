//! What can be measured of a variant: the metrics that every lab has, and those that a lab
//! declares with `[[metric]]`.
//!
//! Owns their names, units and TOML form. Refuses to know how anything is measured.

use crate::names::is_plain_path;
use crate::pattern::as_text;
use crate::toml::reader::{At, Need};
use crate::toml::rules::kebab_case;
use crate::toml::table::Table;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// Something that is measured of each variant of a lab.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// Names it in claims and plots (kebab-case).
    pub id: String,
    /// What a reader sees over its column: `The program`.
    pub title: String,
    /// What its numbers count.
    pub unit: Unit,
    /// Whether it differs from round to round, so that several are measured and a median told.
    pub timed: bool,
    /// What is measured.
    #[serde(flatten)]
    pub kind: MetricKind,
}

/// What a metric's numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Hundredths of a whole.
    Percent,
    /// Things.
    Count,
    /// A factor.
    X,
}

/// What is measured.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MetricKind {
    /// One of those that every lab has.
    #[serde(rename = "built-in")]
    BuiltIn {
        /// Which.
        which: BuiltIn,
    },
    /// The bytes of a file of the image.
    FileSize {
        /// Absolute path.
        path: String,
    },
    /// What sections take of a program's file, in hundredths.
    SectionShare {
        /// Absolute path.
        path: String,
        /// Names as `readelf -S` prints them.
        sections: Vec<String>,
    },
    /// The bytes of sections in a program's file.
    SectionSize {
        /// Absolute path.
        path: String,
        /// Names as `readelf -S` prints them.
        sections: Vec<String>,
    },
    /// A number that the program prints.
    Output {
        /// Its one group captures the number.
        #[serde(serialize_with = "as_text")]
        pattern: Regex,
    },
}

/// The metrics of every lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuiltIn {
    /// Content of all files in all layers.
    UnpackedSize,
    /// The layers as gzip blobs, which is what is pulled.
    CompressedSize,
    /// Layers of the image.
    Layers,
    /// Packages that the image's databases list, and one for every Go program.
    Packages,
    /// Files that can be executed.
    Executables,
    /// Files that run as their owner.
    Setuid,
    /// Shells by name.
    Shells,
    /// Go modules in the build information of the programs.
    Modules,
    /// From the start to the first answer.
    ReadyTime,
    /// What the container holds while it serves.
    Memory,
    /// The build of a round, from its first step to its last.
    BuildTime,
    /// Build steps that came from the cache.
    CachedSteps,
    /// Build steps that were carried out.
    RunSteps,
    /// How long the compressed bytes take at 100 Mbit/s; modelled, not measured.
    PullTime,
    /// Different images that the rounds made of the same files: 1 is reproducible.
    DistinctBuilds,
}

/// Id, title, unit, whether it is timed.
const BUILT_IN: [(&str, &str, Unit, bool, BuiltIn); 15] = [
    (
        "unpacked-size",
        "Unpacked",
        Unit::Bytes,
        false,
        BuiltIn::UnpackedSize,
    ),
    (
        "compressed-size",
        "Compressed",
        Unit::Bytes,
        false,
        BuiltIn::CompressedSize,
    ),
    ("layers", "Layers", Unit::Count, false, BuiltIn::Layers),
    (
        "packages",
        "Packages",
        Unit::Count,
        false,
        BuiltIn::Packages,
    ),
    (
        "executables",
        "Executables",
        Unit::Count,
        false,
        BuiltIn::Executables,
    ),
    (
        "setuid",
        "Setuid files",
        Unit::Count,
        false,
        BuiltIn::Setuid,
    ),
    ("shells", "Shells", Unit::Count, false, BuiltIn::Shells),
    (
        "modules",
        "Go modules",
        Unit::Count,
        false,
        BuiltIn::Modules,
    ),
    (
        "ready-time",
        "First answer after",
        Unit::Ms,
        true,
        BuiltIn::ReadyTime,
    ),
    ("memory", "Memory", Unit::Bytes, true, BuiltIn::Memory),
    ("build-time", "Build", Unit::Ms, true, BuiltIn::BuildTime),
    (
        "cached-steps",
        "Steps from the cache",
        Unit::Count,
        true,
        BuiltIn::CachedSteps,
    ),
    (
        "run-steps",
        "Steps carried out",
        Unit::Count,
        true,
        BuiltIn::RunSteps,
    ),
    (
        "pull-time",
        "Pull at 100 Mbit/s (modelled)",
        Unit::S,
        false,
        BuiltIn::PullTime,
    ),
    (
        "distinct-builds",
        "Different images",
        Unit::Count,
        true,
        BuiltIn::DistinctBuilds,
    ),
];

impl Metric {
    /// The metric of this name that every lab has.
    pub fn built_in(id: &str) -> Option<Metric> {
        let (id, title, unit, timed, which) = BUILT_IN.into_iter().find(|one| one.0 == id)?;
        Some(Metric {
            id: id.into(),
            title: title.into(),
            unit,
            timed,
            kind: MetricKind::BuiltIn { which },
        })
    }

    /// Whether it says nothing before there are two rounds.
    pub(crate) fn compares_builds(&self) -> bool {
        let MetricKind::BuiltIn { which } = self.kind else {
            return false;
        };
        which == BuiltIn::DistinctBuilds
    }

    /// The names of those that every lab has.
    pub fn built_in_ids() -> impl Iterator<Item = &'static str> + Clone {
        BUILT_IN.iter().map(|one| one.0)
    }

    /// Reads a `[[metric]]`; its id comes back even where the rest is wrong.
    pub(crate) fn read(table: Table<'_>) -> (Option<At<'_, String>>, Option<Metric>) {
        let id = table.text("id", Need::Required);
        let title = table.text("title", Need::Required);
        if let Some(id) = &id {
            kebab_case("metric", id);
            if Metric::built_in(&id.value).is_some() {
                id.report(format!(
                    "`{id}` is measured of every lab; choose another id"
                ));
            }
        }
        let declared = read_kind(&table);
        table.finish();
        let metric = id.as_ref().zip(title).zip(declared);
        let metric = metric.map(|((id, title), (kind, unit, timed))| Metric {
            id: id.value.clone(),
            title: title.value,
            unit,
            timed,
            kind,
        });
        (id, metric)
    }
}

/// The kinds that a lab can declare.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Declared {
    FileSize,
    SectionShare,
    SectionSize,
    Output,
}

/// What is measured, in which unit, and whether it is timed.
fn read_kind(table: &Table<'_>) -> Option<(MetricKind, Unit, bool)> {
    let kind = table.choice::<Declared>("kind", Need::Required)?.value;
    if let Declared::Output = kind {
        let pattern = table.regex("pattern", Need::Required);
        let unit = table.choice::<Unit>("unit", Need::Required);
        let timed = table.flag("timed").is_some_and(|timed| timed.value);
        let pattern = pattern?;
        if pattern.value.captures_len() != 2 {
            pattern.report("`pattern` needs exactly one group: around the number");
        }
        let pattern = pattern.value;
        return Some((MetricKind::Output { pattern }, unit?.value, timed));
    }
    let path = table.text("path", Need::Required);
    if let Some(path) = &path
        && !path.value.strip_prefix('/').is_some_and(is_plain_path)
    {
        path.report(format!(
            "`{path}` is not an absolute path of a file in the image"
        ));
    }
    let mut sections = Vec::new();
    if !matches!(kind, Declared::FileSize) {
        let listed = table.list("sections", Need::Required)?;
        if listed.value.is_empty() {
            listed.report("`sections` names none");
        }
        sections.extend(listed.value.into_iter().map(|name| name.value));
    }
    let path = path?.value;
    Some(match kind {
        Declared::SectionShare => {
            let kind = MetricKind::SectionShare { path, sections };
            (kind, Unit::Percent, false)
        }
        Declared::SectionSize => {
            let kind = MetricKind::SectionSize { path, sections };
            (kind, Unit::Bytes, false)
        }
        Declared::FileSize | Declared::Output => {
            (MetricKind::FileSize { path }, Unit::Bytes, false)
        }
    })
}
