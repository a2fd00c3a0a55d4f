//! Whether a seat gets nowhere: the same check failed again and again, or minutes went by.

use super::ran::Ran;
use serde::Serialize;

/// Why a seat gets nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Stuck {
    /// The same check of the same thing failed several times in a row.
    SameCheck {
        /// The exercise's or the lab's id.
        object: String,
        /// The check's title.
        check: String,
        /// What was said the last time.
        message: String,
        /// How often in a row.
        times: usize,
    },
    /// Something fails, and nothing new has come of it for minutes.
    NoProgress {
        /// The exercise's or the lab's id.
        object: String,
        /// The check's title, where one fails.
        check: Option<String>,
        /// For how long.
        minutes: i64,
    },
}

impl Stuck {
    pub(super) fn is_by_check(&self) -> bool {
        matches!(self, Stuck::SameCheck { .. })
    }

    /// What a learner's program said is nobody else's business.
    pub(super) fn forget_message(&mut self) {
        if let Stuck::SameCheck { message, .. } = self {
            message.clear();
        }
    }
}

/// Whether these runs of one seat, in order, lead nowhere. Variants of the book that break on
/// purpose do what is declared: they are no failures.
pub(super) fn stuck(
    ran: &[&Ran],
    joined: jiff::Timestamp,
    now: jiff::Timestamp,
    times: usize,
    minutes: i64,
) -> Option<Stuck> {
    let judged: Vec<&&Ran> = ran.iter().filter(|ran| ran.judged()).collect();
    let last = judged.last()?;
    if last.passed() {
        return None;
    }
    let same = |ran: &&&&Ran| ran.object == last.object && ran.variant == last.variant;
    if let Some(failing) = &last.failing {
        let in_a_row = judged.iter().rev().filter(same).take_while(|ran| {
            let known = ran.failing.as_ref();
            known.is_some_and(|known| known.check == failing.check)
        });
        let in_a_row = in_a_row.count();
        if in_a_row >= times {
            return Some(Stuck::SameCheck {
                object: last.object.clone(),
                check: failing.title.clone(),
                message: failing.message.clone(),
                times: in_a_row,
            });
        }
    }
    let since = last_advance(&judged).unwrap_or(joined);
    let passed = now.duration_since(since).as_mins();
    (passed >= minutes).then(|| Stuck::NoProgress {
        object: last.object.clone(),
        check: last.failing.as_ref().map(|failing| failing.title.clone()),
        minutes: passed,
    })
}

/// When something last came of it: a pass, something new, or another check than before.
fn last_advance(judged: &[&&Ran]) -> Option<jiff::Timestamp> {
    let mut advance = None;
    for (at, ran) in judged.iter().enumerate() {
        let before = judged[..at]
            .iter()
            .rev()
            .find(|before| before.object == ran.object && before.variant == ran.variant);
        let check = |ran: &Ran| ran.failing.as_ref().map(|failing| failing.check.clone());
        let is_new = before.is_none_or(|before| check(before) != check(ran));
        if ran.passed() || is_new {
            advance = Some(ran.at);
        }
    }
    advance
}
