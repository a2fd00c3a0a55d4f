//! The board: who is where, who is stuck, how far all have come, and what fails most.
//!
//! Pure: from seats, what they ran and what is known of them right now. Refuses to know how any of
//! that came about.

use super::call::Call;
use super::limits::{AWAY, STUCK_MINUTES, STUCK_TIMES};
use super::ran::Ran;
use super::seat::Seat;
use super::stuck::{Stuck, stuck};
use crate::event::Ending;
use catalog::Exercise;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Failing checks that are told, the commonest first.
const COMMONEST: usize = 5;

/// What is known of a seat right now, and forgotten with the process.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// How long ago it was heard of; none since the server was started.
    pub seen: Option<Duration>,
    /// The page that it shows.
    pub page: Option<Page>,
    /// The run that is under way.
    pub running: Option<UnderWay>,
}

/// A page of the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Its address from the book's top.
    pub href: String,
    /// What it is called.
    pub title: String,
}

/// A run that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnderWay {
    /// The lab's or the exercise's id.
    pub object: String,
    /// The variant's id.
    pub variant: String,
    /// Whether it waits for its turn.
    pub waits: bool,
}

/// What the instructor sees.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Board {
    /// By number.
    pub seats: Vec<Sitting>,
    /// How many have come how far, by exercise; those that nobody tried are left out.
    pub funnel: Vec<Reached>,
    /// The checks that most seats fail at right now.
    pub commonest: Vec<Common>,
}

/// A seat on the board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sitting {
    /// Its number; absent where names are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<u32>,
    /// Who sits there; absent on a wall for all to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is doing.
    pub doing: Doing,
    /// The page that it shows.
    pub page: Option<Page>,
    /// The run that is under way.
    pub running: Option<UnderWay>,
    /// Why it gets nowhere.
    pub stuck: Option<Stuck>,
    /// For how many seconds its hand is up.
    pub hand_seconds: Option<i64>,
    /// Exercises that passed.
    pub passed: usize,
    /// Runs that ended.
    pub runs: usize,
    /// What was run last.
    pub last: Option<Last>,
    /// How it stands with what everyone was asked to run.
    pub called: Option<Called>,
}

/// What a seat is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// Its hand is up.
    Asks,
    /// It gets nowhere.
    Stuck,
    /// A run of it works.
    Runs,
    /// A run of it waits for its turn.
    Waits,
    /// It is there.
    Reads,
    /// It was not heard of for a while.
    Away,
}

/// What a seat ran last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Last {
    /// The lab's or the exercise's id.
    pub object: String,
    /// The variant's id.
    pub variant: String,
    /// How it ended.
    pub ending: Ending,
    /// The title of the check that failed first.
    pub failing: Option<String>,
}

/// How a seat stands with what everyone was asked to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Called {
    /// It was not started.
    Open,
    /// It waits for its turn.
    Waits,
    /// It works.
    Runs,
    /// It is over.
    Over {
        /// How it ended.
        ending: Ending,
        /// Milliseconds from its acceptance.
        ms: u64,
    },
}

/// How many seats have come how far with an exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The exercise's id.
    pub exercise: String,
    /// Its place, from 1.
    pub number: u32,
    /// Heading.
    pub title: String,
    /// Seats that handed something in.
    pub tried: usize,
    /// Of these, seats whose last submission failed and that never passed.
    pub failing: usize,
    /// Of these, seats that passed.
    pub passed: usize,
}

/// A check that several seats fail at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Common {
    /// The exercise's id.
    pub exercise: String,
    /// The check's title.
    pub check: String,
    /// What is said most often there.
    pub message: String,
    /// Seats that fail there.
    pub seats: usize,
}

/// All that a board is drawn from.
#[derive(Debug)]
pub struct Facts<'a> {
    /// By number.
    pub seats: &'a [Seat],
    /// All that was run, in order.
    pub ran: &'a [Ran],
    /// By seat.
    pub present: &'a BTreeMap<u32, Presence>,
    /// What everyone was asked to run.
    pub call: Option<&'a Call>,
    /// All exercises.
    pub exercises: &'a [Exercise],
    /// When it is drawn.
    pub now: jiff::Timestamp,
}

impl Board {
    /// The board at this moment.
    pub fn of(facts: &Facts<'_>) -> Board {
        let mut by_seat: BTreeMap<u32, Vec<&Ran>> = BTreeMap::new();
        for ran in facts.ran {
            by_seat.entry(ran.seat).or_default().push(ran);
        }
        let none = Vec::new();
        by_seat.retain(|number, _| facts.seats.iter().any(|seat| seat.number == *number));
        Board {
            funnel: funnel(&by_seat, facts.exercises),
            commonest: commonest(&by_seat),
            seats: facts
                .seats
                .iter()
                .map(|seat| {
                    let ran = by_seat.get(&seat.number).unwrap_or(&none);
                    Sitting::of(seat, ran, facts)
                })
                .collect(),
        }
    }

    /// The same for a wall: no names and no numbers, and no order that would tell.
    #[must_use]
    pub fn without_names(mut self) -> Board {
        for seat in &mut self.seats {
            seat.seat = None;
            seat.name = None;
            seat.hand_seconds = seat.hand_seconds.map(|_| 0);
            if let Some(stuck) = &mut seat.stuck {
                stuck.forget_message();
            }
        }
        self.seats
            .sort_by(|a, b| (a.doing, b.passed, b.runs).cmp(&(b.doing, a.passed, a.runs)));
        for common in &mut self.commonest {
            // What one learner's program said may hold a name.
            if common.seats < 2 {
                common.message.clear();
            }
        }
        self
    }
}

impl Sitting {
    fn of(seat: &Seat, ran: &[&Ran], facts: &Facts<'_>) -> Sitting {
        let presence = facts.present.get(&seat.number).cloned().unwrap_or_default();
        let is_here = presence.seen.is_some_and(|ago| ago < AWAY);
        let stuck = stuck(ran, seat.joined, facts.now, STUCK_TIMES, STUCK_MINUTES);
        // Whoever went home is not stuck for want of minutes.
        let stuck = stuck.filter(|stuck| is_here || stuck.is_by_check());
        let passed: BTreeSet<&str> = ran
            .iter()
            .filter(|ran| ran.submission && ran.passed())
            .map(|ran| ran.object.as_str())
            .collect();
        let doing = match &presence.running {
            _ if seat.hand.is_some() => Doing::Asks,
            Some(UnderWay { waits: false, .. }) => Doing::Runs,
            Some(_) => Doing::Waits,
            None if !is_here => Doing::Away,
            None if stuck.is_some() => Doing::Stuck,
            None => Doing::Reads,
        };
        Sitting {
            seat: Some(seat.number),
            name: Some(seat.name.clone()),
            doing,
            page: presence.page.filter(|_| is_here),
            stuck,
            hand_seconds: seat
                .hand
                .map(|since| facts.now.duration_since(since).as_secs().max(0)),
            passed: passed.len(),
            runs: ran.len(),
            last: ran.last().map(|ran| Last {
                object: ran.object.clone(),
                variant: ran.variant.clone(),
                ending: ran.ending,
                failing: ran.failing.as_ref().map(|failing| failing.title.clone()),
            }),
            called: facts
                .call
                .map(|call| called(call, ran, presence.running.as_ref())),
            running: presence.running,
        }
    }
}

fn called(call: &Call, ran: &[&Ran], running: Option<&UnderWay>) -> Called {
    if let Some(under_way) = running
        && under_way.object == call.lab
        && under_way.variant == call.variant
    {
        return match under_way.waits {
            true => Called::Waits,
            false => Called::Runs,
        };
    }
    let over = ran
        .iter()
        .rev()
        .find(|ran| ran.object == call.lab && ran.variant == call.variant && ran.at >= call.at);
    match over {
        Some(ran) => Called::Over {
            ending: ran.ending,
            ms: ran.ms,
        },
        None => Called::Open,
    }
}

fn funnel(by_seat: &BTreeMap<u32, Vec<&Ran>>, exercises: &[Exercise]) -> Vec<Reached> {
    let reached = exercises.iter().map(|exercise| {
        let mut reached = Reached {
            exercise: exercise.id.clone(),
            number: exercise.number,
            title: exercise.title.clone(),
            tried: 0,
            failing: 0,
            passed: 0,
        };
        for ran in by_seat.values() {
            let mut handed_in = ran
                .iter()
                .filter(|ran| ran.submission && ran.object == exercise.id && ran.judged())
                .peekable();
            if handed_in.peek().is_some() {
                reached.tried += 1;
                match handed_in.any(|ran| ran.passed()) {
                    true => reached.passed += 1,
                    false => reached.failing += 1,
                }
            }
        }
        reached
    });
    reached.filter(|reached| reached.tried > 0).collect()
}

/// Where seats fail right now: of each exercise that never passed, the last submission counts.
fn commonest(by_seat: &BTreeMap<u32, Vec<&Ran>>) -> Vec<Common> {
    let mut checks: BTreeMap<(&str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for ran in by_seat.values() {
        let mut last: BTreeMap<&str, &Ran> = BTreeMap::new();
        let handed_in = ran.iter().filter(|ran| ran.submission && ran.judged());
        for ran in handed_in {
            let passed = last
                .get(ran.object.as_str())
                .is_some_and(|ran| ran.passed());
            if !passed {
                last.insert(&ran.object, ran);
            }
        }
        for (object, ran) in last {
            if let Some(failing) = &ran.failing {
                let messages = checks.entry((object, &failing.title)).or_default();
                *messages.entry(&failing.message).or_default() += 1;
            }
        }
    }
    let mut all: Vec<Common> = checks
        .into_iter()
        .map(|((exercise, check), messages)| Common {
            exercise: exercise.to_owned(),
            check: check.to_owned(),
            seats: messages.values().sum(),
            message: messages
                .iter()
                .max_by_key(|(_, seats)| **seats)
                .map_or_else(String::new, |(message, _)| (*message).to_owned()),
        })
        .collect();
    all.sort_by_key(|common| std::cmp::Reverse(common.seats));
    all.truncate(COMMONEST);
    all
}

#[cfg(test)]
mod tests;
