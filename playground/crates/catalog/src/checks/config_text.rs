//! `config_holds`: whether the image's config has a text: in its environment, its labels, its command,
//! or in the history of how it was built, which keeps `RUN` lines with the values of their `ARG`s.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::rules::required_flag;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A text in the image's config.
#[derive(Clone, Debug, Serialize)]
pub struct ConfigText {
    /// Text to find.
    pub config_holds: String,
    /// Whether it must be found.
    pub found: bool,
}

/// Where it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Lines of the config that hold a text.
    ConfigText {
        /// What they are of: `history`, `environment`, …
        found: Vec<String>,
    },
}

impl Kind for ConfigText {
    const KEYS: &'static [&'static str] = &["config_holds"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<ConfigText> {
        let text = table.text("config_holds", Need::Required);
        if let Some(text) = &text
            && !(8..=200).contains(&text.value.len())
        {
            text.report("`config_holds` is 8 to 200 bytes long: shorter texts turn up by chance");
        }
        if let Some(text) = &text
            && text.value.contains("\\.")
        {
            text.report("`config_holds` is plain text, no pattern: a dot is a dot");
        }
        let found = required_flag(table, "found", "`config_holds`");
        Some(ConfigText {
            config_holds: text?.value,
            found: found?,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| {
            let lines = image.config.iter();
            let found = lines.filter(|(_, text)| text.contains(&self.config_holds));
            Seen::ConfigText {
                found: found.map(|(of, _)| of.clone()).collect(),
            }
        }))
    }

    fn expected(&self) -> String {
        match self.found {
            true => format!("`{}` is in the image's config", self.config_holds),
            false => format!("`{}` is not in the image's config", self.config_holds),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::ConfigText { found } = seen;
        self.found != found.is_empty()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::ConfigText { found } = self;
        match found.first() {
            None => f.write_str("nowhere in it"),
            Some(of) => write!(f, "in its {of}"),
        }
    }
}
