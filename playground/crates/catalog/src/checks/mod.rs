//! `[[variant.look]]`: evidence for what nobody reports.
//!
//! One file per kind holds its TOML form, what it needs of a run, its judgement and its words. A
//! new kind is that file, its `mod` line and its line in the list of `kinds!`; one that needs
//! other evidence also is a variant of [`Needs`]. Owns what all kinds share. Knows no engine.

pub mod bases;
pub mod builds_equal;
pub mod clock;
pub mod command_form;
pub mod config_text;
pub mod context_size;
pub mod file_capabilities;
mod found_file;
pub mod go_build;
mod image_facts;
pub mod image_size;
mod kind;
pub mod layer_text;
pub mod linkage;
pub mod output_text;
pub mod paths;
pub mod preflight;
pub mod rebuild;
pub mod secrets;
pub mod user;

pub use bases::Bases;
pub use builds_equal::BuildsEqual;
pub use clock::Clock;
pub use command_form::CommandForm;
pub use config_text::ConfigText;
pub use context_size::ContextSize;
pub use file_capabilities::FileCapabilities;
pub use found_file::FoundFile;
pub use go_build::GoBuild;
pub use image_facts::{FindingFacts, ImageFacts, ProgramFacts, RebuildFacts};
pub use image_size::ImageSize;
pub use kind::Needs;
pub use layer_text::LayerText;
pub use linkage::Linkage;
pub use output_text::OutputText;
pub use paths::Paths;
pub use preflight::Preflight;
pub use rebuild::Rebuild;
pub use secrets::Secrets;
pub use user::User;

use crate::bound::Bound;
use crate::check_result::CheckResult;
use crate::toml::reader::At;
use crate::toml::rules::{id_and_title, listed};
use crate::toml::table::Table;
use kind::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something looked at, and what must be seen.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Names the check (kebab-case).
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// What is looked at.
    #[serde(flatten)]
    pub kind: CheckKind,
}

/// What a check has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The check's id.
    #[serde(rename = "look")]
    pub check: String,
    /// Its title.
    pub title: String,
    /// The evidence.
    pub seen: Seen,
}

/// Makes the enums of all kinds out of their list, and hands every call on to the kind.
macro_rules! kinds {
    ($($(#[$meta:meta])* $file:ident::$Kind:ident,)*) => {
        /// What can be looked at.
        #[derive(Clone, Debug, Serialize)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum CheckKind {
            $($(#[$meta])* $Kind($Kind),)*
        }

        /// Evidence. In JSON, the `kind` of its kind's own tells which it is.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(untagged)]
        pub enum Seen {
            $($(#[$meta])* $Kind($file::Seen),)*
        }

        /// The keys of each kind.
        const KEYS: &[&[&str]] = &[$($Kind::KEYS,)*];

        impl CheckKind {
            /// Reads the first kind that a table is of.
            fn read(table: &Table<'_>) -> Option<CheckKind> {
                $(
                    if $Kind::KEYS.iter().any(|key| table.has(key)) {
                        return $Kind::read(table).map(CheckKind::$Kind);
                    }
                )*
                None
            }

            /// The evidence that it needs of the run, and how it is made out of that.
            pub fn needs(&self) -> Needs<'_, Seen> {
                match self { $(CheckKind::$Kind(kind) => kind.needs().map(Seen::$Kind),)* }
            }

            fn key(&self) -> &'static str {
                match self { $(CheckKind::$Kind(_) => $Kind::KEYS[0],)* }
            }

            fn expected(&self) -> String {
                match self { $(CheckKind::$Kind(kind) => kind.expected(),)* }
            }

            /// The figures that it holds what was seen against.
            pub(crate) fn bounds(&self) -> Vec<Bound> {
                match self { $(CheckKind::$Kind(kind) => kind.bounds(),)* }
            }

            fn fits(&self, seen: &Seen) -> bool {
                match (self, seen) {
                    $((CheckKind::$Kind(kind), Seen::$Kind(seen)) => kind.fits(seen),)*
                    _ => false,
                }
            }
        }

        impl fmt::Display for Seen {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Seen::$Kind(seen) => seen.fmt(f),)* }
            }
        }
    };
}

kinds! {
    /// The program's clock beside the wall clock of a time zone.
    clock::Clock,
    /// The build context as it was sent.
    #[serde(rename = "context")]
    context_size::ContextSize,
    /// Every file of every layer, whether a later layer hides it or not.
    #[serde(rename = "layers")]
    layer_text::LayerText,
    /// The images that the Dockerfile names.
    bases::Bases,
    /// What the image weighs.
    image_size::ImageSize,
    /// Paths that a container sees.
    paths::Paths,
    /// Whom it runs as.
    user::User,
    /// Exec form or shell form.
    command_form::CommandForm,
    /// Whether its program needs a loader.
    linkage::Linkage,
    /// What Go recorded in its program.
    go_build::GoBuild,
    /// What the program writes.
    output_text::OutputText,
    /// Files that look like secrets.
    secrets::Secrets,
    /// Files that carry capabilities.
    file_capabilities::FileCapabilities,
    /// What preflight finds.
    preflight::Preflight,
    /// A build after a line has changed.
    rebuild::Rebuild,
    /// A text in the image's config.
    config_text::ConfigText,
    /// Two builds without a cache.
    builds_equal::BuildsEqual,
}

impl CheckKind {
    /// Whether it is about what the program says, and so needs one that ran.
    pub fn needs_output(&self) -> bool {
        matches!(self.needs(), Needs::Output(_))
    }
}

impl Check {
    /// Reads a `[[variant.look]]`; its id comes back even where the rest is wrong.
    pub(crate) fn read(table: Table<'_>) -> (Option<At<'_, String>>, Option<Check>) {
        let (id, title) = id_and_title(&table, "a", "look");
        let given = KEYS
            .iter()
            .filter(|keys| keys.iter().any(|key| table.has(key)));
        if given.count() != 1 {
            let kinds: Vec<String> = KEYS
                .iter()
                .map(|keys| format!("`{}`", keys.join("`/`")))
                .collect();
            let text = format!("a look is exactly one of {}", listed(&kinds));
            table.report(text);
        }
        let kind = CheckKind::read(&table);
        table.finish();
        let check = (|| {
            Some(Check {
                id: id.clone()?.value,
                title: title?,
                kind: kind?,
            })
        })();
        (id, check)
    }

    /// Reports what cannot be seen where the build fails.
    pub(crate) fn check_unbuilt(&self, at: At<'_, ()>) {
        let key = self.kind.key();
        let text = match self.kind.needs() {
            Needs::Context(_) | Needs::Bases(_) => return,
            Needs::Sizes(_) | Needs::Image(_) | Needs::Rebuild { .. } | Needs::TwoBuilds(_) => {
                format!("there is no image where the build fails: `{key}` has none to look at")
            }
            Needs::Output(_) => {
                format!("nothing runs where the build fails: there is no `{key}` to look at")
            }
            Needs::Layers { .. } => {
                format!("there is no image where the build fails: `{key}` has no layers to search")
            }
        };
        at.report(text);
    }

    /// What it has seen, for page, terminal and record.
    pub fn observation(&self, seen: Seen) -> Observation {
        Observation {
            check: self.id.clone(),
            title: self.title.clone(),
            seen,
        }
    }

    /// Holds what all checks have seen against what this one declares.
    pub fn judge(&self, observations: &[Observation]) -> CheckResult {
        let seen = observations.iter().find(|one| one.check == self.id);
        let seen = seen.map(|one| &one.seen);
        CheckResult {
            id: self.id.clone(),
            title: self.title.clone(),
            expected: self.kind.expected(),
            unreached: seen.is_none(),
            seen: seen.map_or_else(|| "was not looked at".into(), Seen::to_string),
            passed: seen.is_some_and(|seen| self.kind.fits(seen)),
        }
    }
}
