//! Acts and looks held against what the variant declares. Pure.

use super::acts::health_name;
use super::verdict::first_line;
use crate::event::{Acted, Check, Looked, Seen};
use catalog::{Act, Deed, Look, Sight};

/// What must have come of an act.
pub(super) fn act_check(act: &Act, acted: &[Acted]) -> Check {
    let mut wanted = Vec::new();
    if let Deed::Health { status } = &act.deed {
        wanted.push(health_name(*status).to_owned());
    }
    if let Some(ms) = act.at_least_ms {
        wanted.push(format!("takes at least {}", seconds(ms)));
    }
    if let Some(ms) = act.at_most_ms {
        wanted.push(format!("takes at most {}", seconds(ms)));
    }
    if let Some(code) = act.exit_code {
        wanted.push(format!("exit code {code}"));
    }
    if let Some(message) = &act.message {
        wanted.push(format!("says {}", message.as_str()));
    }
    let done = acted.iter().find(|done| done.act == act.id);
    Check {
        id: act.id.clone(),
        title: act.title.clone(),
        expected: match wanted.is_empty() {
            true => "it is done".into(),
            false => wanted.join(", "),
        },
        seen: done.map_or_else(|| "was not done".into(), |done| seen_of(act, done)),
        passed: done.is_some_and(|done| passes(act, done)),
    }
}

fn passes(act: &Act, done: &Acted) -> bool {
    let status = match &act.deed {
        Deed::Health { status } => done.status.as_deref() == Some(health_name(*status)),
        _ => true,
    };
    status
        && act
            .exit_code
            .is_none_or(|code| done.exit_code == Some(code))
        && act.at_least_ms.is_none_or(|least| done.ms >= least)
        && act.at_most_ms.is_none_or(|most| done.ms <= most)
        && act.message.as_ref().is_none_or(|m| m.is_match(&done.text))
}

fn seen_of(act: &Act, done: &Acted) -> String {
    let mut seen = Vec::new();
    seen.extend(done.status.clone());
    if act.deed == Deed::Stop {
        seen.push(format!("took {}", seconds(done.ms)));
    }
    if done.timed_out {
        seen.push(format!("still going on after {}", seconds(done.ms)));
    }
    if let Some(code) = done.exit_code {
        seen.push(format!("exit code {code}"));
    }
    // Patterns may span lines: what they match tells, not the line that it stands on.
    let found = act.message.as_ref().and_then(|m| m.find(&done.text));
    let telling = first_line(found.map_or(&done.text, |found| found.as_str().trim()));
    if !telling.is_empty() {
        seen.push(telling);
    }
    seen.join(", ")
}

fn seconds(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// What a look must have seen.
pub(super) fn look_check(look: &Look, looked: &[Looked]) -> Check {
    let seen = looked.iter().find(|one| one.look == look.id);
    let seen = seen.map(|one| &one.seen);
    Check {
        id: look.id.clone(),
        title: look.title.clone(),
        expected: wanted(&look.sight),
        seen: seen.map_or_else(|| "was not looked at".into(), Seen::to_string),
        passed: seen.is_some_and(|seen| fits(&look.sight, seen)),
    }
}

fn wanted(sight: &Sight) -> String {
    match sight {
        Sight::Clock { zone, agrees, .. } => match agrees {
            true => format!("shows the time of {zone}"),
            false => format!("does not show the time of {zone}"),
        },
        Sight::Context { at_least, at_most } => {
            let least = at_least.map(|bytes| format!("at least {bytes} bytes"));
            let most = at_most.map(|bytes| format!("at most {bytes} bytes"));
            let both: Vec<String> = least.into_iter().chain(most).collect();
            both.join(", ")
        }
        Sight::Layers { needle, found } => match found {
            true => format!("`{needle}` is in a layer"),
            false => format!("`{needle}` is in no layer"),
        },
    }
}

fn fits(sight: &Sight, seen: &Seen) -> bool {
    match (sight, seen) {
        (Sight::Clock { agrees: wanted, .. }, Seen::Clocks { agrees, .. }) => wanted == agrees,
        (Sight::Context { at_least, at_most }, Seen::Context { bytes, .. }) => {
            at_least.is_none_or(|least| *bytes >= least)
                && at_most.is_none_or(|most| *bytes <= most)
        }
        (Sight::Layers { found: wanted, .. }, Seen::Layers { found, .. }) => {
            *wanted != found.is_empty()
        }
        _ => false,
    }
}
