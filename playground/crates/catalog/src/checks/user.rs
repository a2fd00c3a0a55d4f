//! `user`: whom the image runs as, by its config.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whom the image runs as.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// What is wanted of it.
    pub user: Wanted,
}

/// What is wanted of `USER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// A number other than 0: it needs no `/etc/passwd`, and Kubernetes can tell it from root.
    Numeric,
    /// Anybody but root, by name or number.
    NotRoot,
}

/// Whom it runs as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// `USER` as the config has it; empty is root.
    User {
        /// Its text.
        user: String,
    },
}

impl Kind for User {
    const KEYS: &'static [&'static str] = &["user"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<User> {
        let user = table.choice("user", Need::Required)?;
        Some(User { user: user.value })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| Seen::User {
            user: image.user.clone(),
        }))
    }

    fn expected(&self) -> String {
        match self.user {
            Wanted::Numeric => "USER is a number, and not 0".into(),
            Wanted::NotRoot => "USER is not root".into(),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::User { user } = seen;
        let name = user.split(':').next().unwrap_or_default();
        let number = name.parse::<u32>().ok();
        match self.user {
            Wanted::Numeric => number.is_some_and(|id| id != 0),
            Wanted::NotRoot => !["", "root"].contains(&name) && number != Some(0),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::User { user } = self;
        match user.as_str() {
            "" => f.write_str("no USER, so root"),
            user => write!(f, "USER {user}"),
        }
    }
}
