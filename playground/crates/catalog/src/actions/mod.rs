//! `[[variant.act]]`: what is done to a running container once it has answered its probes.
//!
//! One file per kind holds its TOML form, what it asks of a run, its judgement and its words. A
//! new kind is that file, its `mod` line and its line in the list of `kinds!`; one that asks
//! for something new also is a [`Request`]. Owns what all kinds share. Knows no engine.

mod debug;
mod exec;
mod health;
mod kind;
mod stop;

pub use debug::Debug;
pub use exec::Exec;
pub use health::Health;
pub use kind::{HealthStatus, Reply, Request};
pub use stop::Stop;

use crate::bound::Bound;
use crate::check_result::{CheckResult, first_line};
use crate::ending::Moment;
use crate::folder::Folder;
use crate::limits::MAX_ACTION_MS;
use crate::pattern::as_text_option;
use crate::toml::reader::{At, Need};
use crate::toml::rules::{bounds, id_and_title, listed};
use crate::toml::table::Table;
use kind::{Form, Kind, seconds};
use regex::Regex;
use serde::{Deserialize, Serialize};

/// One thing done to the running container, and what must come of it.
#[derive(Clone, Debug, Serialize)]
pub struct Action {
    /// Names the check (kebab-case).
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// What is done.
    #[serde(flatten)]
    pub kind: ActionKind,
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

/// What came of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionResult {
    /// The action's id.
    #[serde(rename = "act")]
    pub action: String,
    /// Its title.
    pub title: String,
    /// What was done.
    pub kind: ActionName,
    /// How a reader would do it by hand.
    pub command: String,
    /// What came back.
    #[serde(flatten)]
    pub reply: Reply,
}

/// Makes the enum of all kinds out of their list, and hands every call on to the kind.
macro_rules! kinds {
    ($($(#[$doc:meta])* $Kind:ident,)*) => {
        /// The ways to handle a running container from outside.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum ActionKind {
            $($(#[$doc])* $Kind($Kind),)*
        }

        /// The names of the kinds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum ActionName {
            $($(#[$doc])* $Kind,)*
        }

        impl ActionName {
            /// The call of the engine with which what such an action brings to light shows.
            pub fn moment(self) -> Moment {
                match self { $(ActionName::$Kind => $Kind::MOMENT,)* }
            }
        }

        const KEYS: &[&str] = &[$($Kind::KEY,)*];

        impl ActionKind {
            /// Reads whichever kinds a table is of: exactly one, if it is right.
            fn read(table: &Table<'_>, folder: &Folder) -> Vec<Option<ActionKind>> {
                let mut read = Vec::new();
                $(
                    if table.has($Kind::KEY) {
                        read.push($Kind::read(table, folder).map(ActionKind::$Kind));
                    } else {
                        belongs_to(table, $Kind::KEY, $Kind::MORE_KEYS);
                    }
                )*
                read
            }

            /// Its name.
            pub fn name(&self) -> ActionName {
                match self { $(ActionKind::$Kind(_) => ActionName::$Kind,)* }
            }

            fn as_kind(&self) -> &dyn Kind {
                match self { $(ActionKind::$Kind(kind) => kind,)* }
            }
        }
    };
}

kinds! {
    /// A command in the running container.
    Exec,
    /// A container with tools beside it.
    Debug,
    /// The engine's health check.
    Health,
    /// `docker stop`
    Stop,
}

impl ActionKind {
    /// The call of the engine with which what it brings to light shows.
    pub fn moment(&self) -> Moment {
        self.name().moment()
    }

    /// What it asks of the run.
    pub fn request(&self) -> Request<'_> {
        self.as_kind().request()
    }

    /// The folder under `<lab>/debug/` whose image it needs.
    pub fn debug_image(&self) -> Option<&str> {
        match self.request() {
            Request::RunBeside { image, .. } => Some(image),
            _ => None,
        }
    }
}

/// Reports keys of a kind that the table is not of.
fn belongs_to(table: &Table<'_>, kind: &'static str, keys: &[&'static str]) {
    table.knows(kind);
    for key in keys {
        table.knows(key);
        if let Some(place) = table.place(key) {
            place.report(format!("only a `{kind}` act has a `{key}`"));
        }
    }
}

impl Action {
    /// The figures that it must keep: an exercise must state them.
    pub(crate) fn bounds(&self) -> Vec<Bound> {
        let of = |key, ms: Option<u64>| ms.map(|ms| Bound::milliseconds(key, ms));
        let least = of("at_least_ms", self.at_least_ms);
        let most = of("at_most_ms", self.at_most_ms);
        least.into_iter().chain(most).collect()
    }

    /// Reads a `[[variant.act]]`; its id comes back even where the rest is wrong.
    pub(crate) fn read<'r>(
        table: Table<'r>,
        folder: &Folder,
    ) -> (Option<At<'r, String>>, Option<Action>) {
        let (id, title) = id_and_title(&table, "an", "act");
        let kinds = ActionKind::read(&table, folder);
        let given = kinds.len();
        let kind = kinds.into_iter().next().flatten().filter(|_| given == 1);
        if given != 1 {
            let kinds: Vec<String> = KEYS.iter().map(|key| format!("`{key}`")).collect();
            let kinds = listed(&kinds);
            table.report(format!(
                "an act is exactly one of {kinds}; {given} are given"
            ));
        }
        let exit_code = table.setting("exit_code", 0..=255);
        let message = table.regex("message", Need::Optional);
        let [at_least_ms, at_most_ms] =
            bounds(&table, ["at_least_ms", "at_most_ms"], MAX_ACTION_MS);
        if let Some(kind) = &kind {
            let timed = at_least_ms.as_ref().or(at_most_ms.as_ref());
            if let (Some(time), false) = (timed, kind.as_kind().is_timed()) {
                time.report("only a `stop` is timed");
            }
            for (key, why) in kind.as_kind().refused() {
                if let Some(place) = table.place(key) {
                    place.report(*why);
                }
            }
        }
        table.finish();
        let action = (|| {
            Some(Action {
                id: id.clone()?.value,
                title: title?,
                kind: kind?,
                exit_code,
                message: message.map(|message| message.value),
                at_least_ms: at_least_ms.map(|ms| ms.value),
                at_most_ms: at_most_ms.map(|ms| ms.value),
            })
        })();
        (id, action)
    }

    /// What came of it, for page, terminal and record.
    pub fn result(&self, reply: Reply) -> ActionResult {
        ActionResult {
            action: self.id.clone(),
            title: self.title.clone(),
            kind: self.kind.name(),
            command: self.kind.as_kind().by_hand(),
            reply,
        }
    }

    /// Holds what came of all actions against what this one declares.
    pub fn judge(&self, results: &[ActionResult]) -> CheckResult {
        let mut wanted = Vec::new();
        wanted.extend(self.kind.as_kind().expected());
        let least = self.at_least_ms.map(seconds);
        wanted.extend(least.map(|time| format!("takes at least {time}")));
        let most = self.at_most_ms.map(seconds);
        wanted.extend(most.map(|time| format!("takes at most {time}")));
        wanted.extend(self.exit_code.map(|code| format!("exit code {code}")));
        let message = self.message.as_ref().map(Regex::as_str);
        wanted.extend(message.map(|message| format!("says {message}")));
        if wanted.is_empty() {
            wanted.push("it is done".into());
        }
        let result = results.iter().find(|result| result.action == self.id);
        let reply = result.map(|result| &result.reply);
        CheckResult {
            id: self.id.clone(),
            title: self.title.clone(),
            expected: wanted.join(", "),
            unreached: reply.is_none(),
            seen: reply.map_or_else(|| "was not done".into(), |reply| self.seen(reply)),
            passed: reply.is_some_and(|reply| self.fits(reply)),
        }
    }

    fn fits(&self, reply: &Reply) -> bool {
        let (code, message) = (self.exit_code, self.message.as_ref());
        self.kind.as_kind().fits(reply)
            && code.is_none_or(|code| reply.exit_code == Some(code))
            && self.at_least_ms.is_none_or(|least| reply.ms >= least)
            && self.at_most_ms.is_none_or(|most| reply.ms <= most)
            && message.is_none_or(|message| message.is_match(&reply.text))
    }

    fn seen(&self, reply: &Reply) -> String {
        let mut seen = Vec::new();
        seen.extend(self.kind.as_kind().seen(reply));
        if reply.timed_out {
            seen.push(format!("still going on after {}", seconds(reply.ms)));
        }
        seen.extend(reply.exit_code.map(|code| format!("exit code {code}")));
        // Patterns may span lines: what they match tells, not the line that it stands on.
        let found = self.message.as_ref().and_then(|m| m.find(&reply.text));
        let telling = first_line(found.map_or(&reply.text, |found| found.as_str().trim()));
        if !telling.is_empty() {
            seen.push(telling);
        }
        seen.join(", ")
    }
}

/// What actions must be together: nothing can be done after a stop.
pub(crate) fn check_order(table: &Table<'_>, actions: &[Action]) {
    let stop = |action: &Action| match action.kind.request() {
        Request::Stop { grace_seconds } => Some(grace_seconds),
        _ => None,
    };
    let earlier = actions.split_last().map_or(&[][..], |(_, earlier)| earlier);
    if let Some(grace_seconds) = earlier.iter().find_map(stop) {
        table.report(format!(
            "after a `stop` (SIGKILL comes after {grace_seconds} s) nothing runs: \
                 it must be the variant's last act"
        ));
    }
}
