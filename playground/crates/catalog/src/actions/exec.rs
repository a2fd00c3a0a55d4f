//! `exec = ["sh"]`: a command in the running container, as `docker exec` runs it.

use crate::actions::kind::{Form, Kind, Request};
use crate::ending::Moment;
use crate::folder::Folder;
use crate::toml::table::Table;
use serde::Serialize;

/// `docker exec` with a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exec {
    /// The command and its arguments.
    pub command: Vec<String>,
}

impl Form for Exec {
    const KEY: &'static str = "exec";
    const MOMENT: Moment = Moment::Exec;

    fn read(table: &Table<'_>, _: &Folder) -> Option<Exec> {
        let command = table.words(Self::KEY)?;
        Some(Exec { command })
    }
}

impl Kind for Exec {
    fn request(&self) -> Request<'_> {
        Request::Exec {
            command: &self.command,
        }
    }

    fn by_hand(&self) -> String {
        format!("docker exec app {}", self.command.join(" "))
    }
}
