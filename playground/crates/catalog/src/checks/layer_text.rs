//! `layers_hold`: whether any file of any layer holds a text, hidden by a later layer or not.

use crate::checks::found_file::FoundFile;
use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::rules::required_flag;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Every file of every layer.
#[derive(Clone, Debug, Serialize)]
pub struct LayerText {
    /// Text to find.
    pub needle: String,
    /// Whether it must be found.
    pub found: bool,
}

/// Where it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Files of the image's layers that hold a text.
    Layers {
        /// The text.
        needle: String,
        /// Where it is.
        found: Vec<FoundFile>,
        /// Layers searched.
        searched: usize,
    },
}

impl Kind for LayerText {
    const KEYS: &'static [&'static str] = &["layers_hold"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<LayerText> {
        let needle = table.text("layers_hold", Need::Required);
        if let Some(needle) = &needle
            && !(8..=200).contains(&needle.value.len())
        {
            needle.report("`layers_hold` is 8 to 200 bytes long: shorter texts turn up by chance");
        }
        if let Some(needle) = &needle
            && needle.value.contains("\\.")
        {
            needle.report("`layers_hold` is plain text, no pattern: a dot is a dot");
        }
        let found = required_flag(table, "found", "`layers_hold`");
        Some(LayerText {
            needle: needle?.value,
            found: found?,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        let needle = &self.needle;
        Needs::Layers {
            text: needle,
            then: Box::new(|found, searched| Seen::Layers {
                needle: needle.clone(),
                found,
                searched,
            }),
        }
    }

    fn expected(&self) -> String {
        match self.found {
            true => format!("`{}` is in a layer", self.needle),
            false => format!("`{}` is in no layer", self.needle),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Layers { found, .. } = seen;
        self.found != found.is_empty()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Layers {
            found, searched, ..
        } = self;
        match found.first() {
            None => write!(f, "in none of {searched} layers"),
            Some(FoundFile { layer, path, .. }) => {
                write!(f, "layer {layer} of {searched} holds it in {path}")
            }
        }
    }
}
