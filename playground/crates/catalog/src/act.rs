//! `[[variant.act]]`: what is done to a running container once it has answered its probes.

use super::lab::as_text_option;
use super::limits::MAX_ACTION_MS;
use super::read::Folder;
use super::reader::{At, Need};
use super::table::Table;
use super::variant::check_id;
use policy::limits::STOP_GRACE_SECONDS;
use policy::suggest::hint;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// One thing done to the running container, and what must come of it.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// Names the check (kebab-case).
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// What is done.
    #[serde(flatten)]
    pub deed: Deed,
    /// Exit code of the exec, of the debug container, or of the stopped program.
    pub exit_code: Option<i64>,
    /// Pattern that must appear in what comes back.
    #[serde(serialize_with = "as_text_option")]
    pub message: Option<Regex>,
    /// A stop that takes at least so long, in milliseconds.
    pub at_least_ms: Option<u64>,
    /// A stop that takes at most so long, in milliseconds.
    pub at_most_ms: Option<u64>,
}

/// The ways to handle a running container from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Deed {
    /// `docker exec` with this command.
    Exec {
        /// The command and its arguments.
        command: Vec<String>,
    },
    /// A container with tools beside it, in the same PID and network namespaces.
    Debug {
        /// Folder under `<lab>/debug/`, holding a `Dockerfile` and its sources.
        image: String,
        /// Arguments instead of the image's CMD.
        command: Option<Vec<String>>,
    },
    /// Waits until the engine's health check has come to this.
    Health {
        /// What it must come to.
        status: Health,
    },
    /// `docker stop`: SIGTERM, and SIGKILL ten seconds later.
    Stop,
}

/// What an engine's health check can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// The last check passed.
    Healthy,
    /// As many checks as `--retries` says failed in a row.
    Unhealthy,
}

pub(super) fn read_act(table: Table<'_>, folder: &Folder) -> (Option<At<String>>, Option<Act>) {
    let id = table.text("id", Need::Required);
    let title = table.text("title", Need::Required);
    if let Some(id) = &id {
        check_id(&table, "an act", id);
    }
    let deed = read_deed(&table, folder);
    let exit_code = table.integer::<i64>("exit_code", Need::Optional, 0..=255);
    let message = table.regex("message", Need::Optional);
    let most = i64::try_from(MAX_ACTION_MS).unwrap_or(i64::MAX);
    let at_least_ms = table.integer::<u64>("at_least_ms", Need::Optional, 1..=most);
    let at_most_ms = table.integer::<u64>("at_most_ms", Need::Optional, 1..=most);
    if let Some(deed) = &deed {
        let timed = at_least_ms.as_ref().or(at_most_ms.as_ref());
        if let (Some(time), false) = (timed, *deed == Deed::Stop) {
            table.report(time.line, "only a `stop` is timed");
        }
        if let (Some(code), Deed::Health { .. }) = (&exit_code, deed) {
            table.report(code.line, "a health status has no `exit_code`");
        }
        if let (Some(message), Deed::Stop) = (&message, deed) {
            table.report(message.line, "a `stop` says nothing: it has no `message`");
        }
    }
    if let (Some(least), Some(most)) = (&at_least_ms, &at_most_ms)
        && least.value > most.value
    {
        table.report(most.line, "`at_most_ms` is below `at_least_ms`");
    }
    table.finish();
    let act = (|| {
        Some(Act {
            id: id.clone()?.value,
            title: title?.value,
            deed: deed?,
            exit_code: exit_code.map(|code| code.value),
            message: message.map(|message| message.value),
            at_least_ms: at_least_ms.map(|ms| ms.value),
            at_most_ms: at_most_ms.map(|ms| ms.value),
        })
    })();
    (id, act)
}

fn read_deed(table: &Table<'_>, folder: &Folder) -> Option<Deed> {
    const KINDS: [&str; 4] = ["exec", "debug", "health", "stop"];
    let given = KINDS.iter().filter(|kind| table.has(kind)).count();
    if given != 1 {
        let text = format!(
            "an act is exactly one of `exec`, `debug`, `health` and `stop`; {given} are given"
        );
        table.report(table.line, text);
    }
    let statuses = [
        ("healthy", Health::Healthy),
        ("unhealthy", Health::Unhealthy),
    ];
    let exec = table.words("exec");
    let debug = table.text("debug", Need::Optional);
    let command = table.words("command");
    let health = table.choice("health", Need::Optional, &statuses);
    let stop = table.flag("stop");
    if let (Some(command), None) = (&command, &debug) {
        table.report(command.line, "only a `debug` act has a `command`");
    }
    if let Some(debug) = &debug {
        check_debug(table, folder, debug);
    }
    if let Some(stop) = &stop
        && !stop.value
    {
        table.report(stop.line, "`stop = false` does nothing: leave the act out");
    }
    if given != 1 {
        return None;
    }
    if let Some(exec) = exec {
        return Some(Deed::Exec {
            command: exec.value,
        });
    }
    if let Some(debug) = debug {
        return Some(Deed::Debug {
            image: debug.value,
            command: command.map(|command| command.value),
        });
    }
    if let Some(status) = health {
        let status = status.value;
        return Some(Deed::Health { status });
    }
    stop.map(|_| Deed::Stop)
}

fn check_debug(table: &Table<'_>, folder: &Folder, debug: &At<String>) {
    let shown = format!("{}/debug/{}", folder.shown, debug.value);
    match folder.debug.get(&debug.value) {
        None => {
            let known = folder.debug.keys().map(String::as_str);
            let hint = hint(&debug.value, known, "there are");
            table.report(debug.line, format!("there is no folder {shown}{hint}"));
        }
        Some(files) if !files.contains_key("Dockerfile") => {
            table.report(debug.line, format!("{shown} has no Dockerfile"));
        }
        Some(files) => {
            if let Err(why) = super::tree::lay([files]) {
                table.report(debug.line, format!("debug image `{}`: {why}", debug.value));
            }
        }
    }
}

/// What the acts of a variant must be together: a stop ends the program, so it is the last.
pub(super) fn check_order(table: &Table<'_>, acts: &[Act]) {
    let stop = acts.iter().position(|act| act.deed == Deed::Stop);
    if stop.is_some_and(|at| at + 1 < acts.len()) {
        table.report(
            table.line,
            format!(
                "after a `stop` (SIGKILL comes after {STOP_GRACE_SECONDS} s) nothing runs: \
                 it must be the variant's last act"
            ),
        );
    }
}
