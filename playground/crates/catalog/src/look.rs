//! `[[variant.look]]`: evidence for what nobody reports.

use super::lab::as_text;
use super::limits::MAX_CONTEXT_BYTES;
use super::reader::{At, Need};
use super::table::Table;
use super::variant::check_id;
use regex::Regex;
use serde::Serialize;

/// Something looked at, and what must be seen.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// Names the check (kebab-case).
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// What is looked at.
    #[serde(flatten)]
    pub sight: Sight,
}

/// What can be looked at.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Sight {
    /// The program's clock beside the wall clock of a time zone.
    Clock {
        /// IANA name: `Europe/Berlin`.
        zone: String,
        /// One group, which captures an RFC 3339 timestamp in what the program says.
        #[serde(serialize_with = "as_text")]
        reads: Regex,
        /// Whether the two must agree.
        agrees: bool,
    },
    /// The build context as it was sent.
    Context {
        /// Bytes of its files, at least.
        at_least: Option<u64>,
        /// Bytes of its files, at most.
        at_most: Option<u64>,
    },
    /// Every file of every layer, whether a later layer hides it or not.
    Layers {
        /// Text to find.
        needle: String,
        /// Whether it must be found.
        found: bool,
    },
}

pub(super) fn read_look(table: Table<'_>) -> (Option<At<String>>, Option<Look>) {
    let id = table.text("id", Need::Required);
    let title = table.text("title", Need::Required);
    if let Some(id) = &id {
        check_id(&table, "a look", id);
    }
    let kinds = [
        table.has("clock"),
        table.has("context_at_least") || table.has("context_at_most"),
        table.has("layers_hold"),
    ];
    if kinds.iter().filter(|given| **given).count() != 1 {
        table.report(
            table.line,
            "a look is exactly one of `clock`, `context_at_least`/`context_at_most` and `layers_hold`",
        );
    }
    let [clock, context, layers] = kinds;
    let sight = if clock {
        read_clock(&table)
    } else if context {
        read_context(&table)
    } else if layers {
        read_layers(&table)
    } else {
        None
    };
    table.finish();
    let look = (|| {
        Some(Look {
            id: id.clone()?.value,
            title: title?.value,
            sight: sight?,
        })
    })();
    (id, look)
}

fn read_clock(table: &Table<'_>) -> Option<Sight> {
    let zone = table.text("clock", Need::Required);
    if let Some(zone) = &zone
        && jiff::tz::TimeZone::get(&zone.value).is_err()
    {
        table.report(
            zone.line,
            format!("`{}` is not a time zone such as Europe/Berlin", zone.value),
        );
    }
    let reads = table.regex("reads", Need::Required);
    if let Some(reads) = &reads
        && reads.value.captures_len() != 2
    {
        table.report(reads.line, "`reads` needs exactly one group: the timestamp");
    }
    let agrees = table.flag("agrees");
    if agrees.is_none() && !table.has("agrees") {
        table.report(table.line, "a `clock` needs `agrees`: true or false");
    }
    Some(Sight::Clock {
        zone: zone?.value,
        reads: reads?.value,
        agrees: agrees?.value,
    })
}

fn read_context(table: &Table<'_>) -> Option<Sight> {
    let most = i64::try_from(MAX_CONTEXT_BYTES).unwrap_or(i64::MAX);
    let at_least = table.integer::<u64>("context_at_least", Need::Optional, 1..=most);
    let at_most = table.integer::<u64>("context_at_most", Need::Optional, 1..=most);
    if let (Some(least), Some(most)) = (&at_least, &at_most)
        && least.value > most.value
    {
        table.report(most.line, "`context_at_most` is below `context_at_least`");
    }
    Some(Sight::Context {
        at_least: at_least.map(|bytes| bytes.value),
        at_most: at_most.map(|bytes| bytes.value),
    })
}

fn read_layers(table: &Table<'_>) -> Option<Sight> {
    let needle = table.text("layers_hold", Need::Required);
    if let Some(needle) = &needle
        && !(8..=200).contains(&needle.value.len())
    {
        table.report(
            needle.line,
            "`layers_hold` is 8 to 200 bytes long: shorter texts turn up by chance",
        );
    }
    let found = table.flag("found");
    if found.is_none() && !table.has("found") {
        table.report(table.line, "`layers_hold` needs `found`: true or false");
    }
    Some(Sight::Layers {
        needle: needle?.value,
        found: found?.value,
    })
}

/// What cannot be seen where the build fails.
pub(super) fn check_unbuilt(table: &Table<'_>, look: &Look, line: u32) {
    let text = match look.sight {
        Sight::Context { .. } => return,
        Sight::Clock { .. } => "nothing runs where the build fails: there is no `clock` to look at",
        Sight::Layers { .. } => {
            "there is no image where the build fails: `layers_hold` has no layers to search"
        }
    };
    table.report(line, text);
}
