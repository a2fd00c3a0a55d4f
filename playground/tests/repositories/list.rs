//! `repositories.toml`: which repositories, and what adopt should come to.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// All of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    pub(crate) repository: Vec<Repository>,
}

/// A public repository, by its module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repository {
    pub(crate) id: String,
    pub(crate) module: String,
    pub(crate) version: String,
    /// Where its git repository is, of one that is taken as it lies there: `version` is a commit.
    #[serde(default)]
    pub(crate) git: Option<String>,
    /// What kinds it stands for, in words.
    pub(crate) kinds: Vec<String>,
    /// Further modules of it, at the same version: folder, module.
    #[serde(default)]
    pub(crate) below: BTreeMap<String, String>,
    /// Its packages are laid into `vendor`, as its repository has them: zips of modules lack that.
    #[serde(default)]
    pub(crate) vendor: bool,
    /// What it should come to; said before it was ever tried.
    pub(crate) foretold: Foretold,
    /// Words of the sentence, where it should come to one.
    #[serde(default)]
    pub(crate) sentence: Option<String>,
    /// Whether the suite takes it.
    #[serde(default)]
    pub(crate) suite: bool,
}

/// What adopt should come to.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Foretold {
    /// It answers.
    Answers,
    /// It listens, and speaks something else.
    Listens,
    /// It is a tool.
    Tool,
    /// It runs, and listens nowhere.
    Runs,
    /// It is built, and cannot come up by itself: a sentence says why.
    Builds,
    /// There is no image: a sentence says why.
    Nothing,
}

impl List {
    /// Reads it.
    pub(crate) fn load(folder: &Path) -> Result<List, String> {
        let path = folder.join("repositories.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }
}
