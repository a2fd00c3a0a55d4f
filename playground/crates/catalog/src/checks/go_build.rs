//! `go_module`, `go_setting`: what Go recorded in the program that the image starts.

use crate::checks::kind::{Kind, Needs};
use crate::pattern::as_text_option;
use crate::toml::reader::Need;
use crate::toml::table::Table;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What Go recorded in the program.
#[derive(Clone, Debug, Serialize)]
pub struct GoBuild {
    /// Path of its main module.
    pub go_module: Option<String>,
    /// A setting: `-trimpath`, `CGO_ENABLED`, `vcs.revision`.
    pub go_setting: Option<String>,
    /// Pattern that the setting's value must have; without it the setting must be absent.
    #[serde(serialize_with = "as_text_option")]
    pub value: Option<Regex>,
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// The module and the setting that was asked for.
    GoBuild {
        /// The program; `None` where the image starts none that could be read.
        path: Option<String>,
        /// Its main module; empty where Go left none.
        module: String,
        /// The setting's name, where one was asked for.
        setting: Option<String>,
        /// The setting's value, where it was recorded.
        value: Option<String>,
    },
}

impl Kind for GoBuild {
    const KEYS: &'static [&'static str] = &["go_module", "go_setting"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<GoBuild> {
        let module = table.text("go_module", Need::Optional);
        let setting = table.text("go_setting", Need::Optional);
        let value = table.regex("value", Need::Optional);
        if let (None, Some(value)) = (&setting, &value) {
            value.report("`value` is of a `go_setting`, and none is named");
        }
        Some(GoBuild {
            go_module: module.map(|at| at.value),
            go_setting: setting.map(|at| at.value),
            value: value.map(|at| at.value),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| {
            let program = image.program.clone().unwrap_or_default();
            let setting = self.go_setting.as_ref();
            Seen::GoBuild {
                path: image.program.as_ref().map(|one| one.path.clone()),
                value: setting.and_then(|key| program.settings.get(key).cloned()),
                setting: setting.cloned(),
                module: program.module,
            }
        }))
    }

    fn expected(&self) -> String {
        let module = self.go_module.as_ref();
        let module = module.map(|path| format!("built from the module {path}"));
        let setting = self.go_setting.as_ref().map(|key| match &self.value {
            Some(value) => format!("{key} is {}", value.as_str()),
            None => format!("no {key}"),
        });
        let both: Vec<_> = module.into_iter().chain(setting).collect();
        both.join(", ")
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::GoBuild {
            path,
            module,
            value,
            ..
        } = seen;
        let setting = || match (&self.value, value) {
            (Some(wanted), Some(value)) => wanted.is_match(value),
            (wanted, value) => wanted.is_none() && value.is_none(),
        };
        path.is_some()
            && self.go_module.as_ref().is_none_or(|path| path == module)
            && (self.go_setting.is_none() || setting())
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::GoBuild {
            path,
            module,
            setting,
            value,
        } = self;
        let Some(path) = path else {
            return f.write_str("the image starts no program that could be read");
        };
        match module.as_str() {
            "" => write!(f, "{path} names no Go module")?,
            module => write!(f, "{path} is of the module {module}")?,
        }
        match (setting, value) {
            (Some(key), Some(value)) => write!(f, ", {key} is {value}"),
            (Some(key), None) => write!(f, ", no {key}"),
            _ => Ok(()),
        }
    }
}
