//! `command_form`: whether the image's command is a list of words (exec form) or a shell's line.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the image's command is written.
#[derive(Clone, Debug, Serialize)]
pub struct CommandForm {
    /// How it must be.
    pub command_form: Form,
}

/// How a command is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `["/app"]`: the engine starts the program itself.
    Exec,
    /// `/app`: a shell is started, and starts the program.
    Shell,
}

/// The command that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Entry point and command, one after the other.
    CommandForm {
        /// Their words.
        command: Vec<String>,
    },
}

impl Kind for CommandForm {
    const KEYS: &'static [&'static str] = &["command_form"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<CommandForm> {
        let form = table.choice("command_form", Need::Required)?;
        Some(CommandForm {
            command_form: form.value,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| Seen::CommandForm {
            command: image.command.clone(),
        }))
    }

    fn expected(&self) -> String {
        match self.command_form {
            Form::Exec => "a list of words, started without a shell".into(),
            Form::Shell => "a line for a shell".into(),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::CommandForm { command } = seen;
        match self.command_form {
            Form::Exec => !command.is_empty() && !is_shell(command),
            Form::Shell => is_shell(command),
        }
    }
}

/// Whether a shell is called with a line: what the shell form becomes, or somebody wrote out.
fn is_shell(command: &[String]) -> bool {
    let [program, option, ..] = command else {
        return false;
    };
    let name = program.rsplit('/').next().unwrap_or_default();
    ["sh", "ash", "bash", "dash"].contains(&name) && option.starts_with('-') && option.contains('c')
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::CommandForm { command } = self;
        match command.is_empty() {
            true => f.write_str("no command at all"),
            false => write!(f, "{command:?}"),
        }
    }
}
