//! The door: who is let in, by what, and what is done about those who guess.
//!
//! A join code lets somebody take a new seat and never an old one. Whoever lost their key gets
//! another from the instructor, by a return code that is good once and soon over.

use super::board::Page;
use super::code::JoinCode;
use super::limits::RETURN_LIFE;
use super::pace::{Pace, Paces};
use super::seat::{self, KeyHash, Seat, SeatKey};
use super::{Class, Member, locked, no_seat};
use policy::UserError;
use serde::Serialize;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Wrong codes from one address: a whole room may stand behind it.
const OF_ONE: Pace = Pace {
    burst: 20.0,
    per_second: 0.2,
};
/// Wrong codes from everywhere.
const OF_ALL: Pace = Pace {
    burst: 200.0,
    per_second: 2.0,
};
/// What a seat may ask for, whatever it is: a page of the book asks five things when it opens.
const OF_SEAT: Pace = Pace {
    burst: 120.0,
    per_second: 20.0,
};
/// Alarms that are kept.
const MAX_ALARMS: usize = 20;

/// What is known of those who knock.
#[derive(Debug)]
pub(super) struct Door {
    of_one: Paces<IpAddr>,
    of_all: Paces<()>,
    of_seat: Paces<u32>,
    returns: Mutex<HashMap<u32, (JoinCode, Instant)>>,
    alarms: Mutex<Vec<Alarm>>,
}

impl Default for Door {
    fn default() -> Door {
        Door {
            of_one: Paces::new(OF_ONE),
            of_all: Paces::new(OF_ALL),
            of_seat: Paces::new(OF_SEAT),
            returns: Mutex::default(),
            alarms: Mutex::default(),
        }
    }
}

/// Something that the instructor should know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// When it happened last.
    pub at: jiff::Timestamp,
    /// What.
    pub text: String,
}

/// Why somebody is not let in.
#[derive(Clone, Debug)]
pub enum NotIn {
    /// Too many wrong codes; when to try again.
    TooOften(Duration, UserError),
    /// The code is wrong.
    Wrong(UserError),
    /// The code is right, and there is no seat.
    NoSeat(UserError),
    /// The name cannot stand on the board.
    Name(UserError),
    /// It cannot be kept.
    Failed(UserError),
}

impl Class {
    /// Lets somebody take a seat.
    ///
    /// # Errors
    /// The code is wrong or was guessed too often, there is no seat, or the name will not do.
    pub fn join(&self, from: IpAddr, code: &str, name: &str) -> Result<(Seat, SeatKey), NotIn> {
        let kept = locked(&self.kept).clone();
        let wrong = || UserError {
            what: "This is not the code of this class.".into(),
            cause: "it was mistyped, or there is a new one".into(),
            next: "type the code that the board shows".into(),
        };
        self.guess(from, wrong, || kept.code.is(code).then_some(()))?;
        if !kept.open {
            return Err(NotIn::NoSeat(UserError {
                what: "The door of this class is closed.".into(),
                cause: "the instructor lets nobody join any more".into(),
                next: "ask the instructor".into(),
            }));
        }
        let name = seat::name(name).map_err(NotIn::Name)?;
        let mut members = locked(&self.members);
        if members.len() >= self.size.seats as usize {
            return Err(NotIn::NoSeat(UserError {
                what: format!("All {} seats are taken.", self.size.seats),
                cause: "more have joined than the class was started for".into(),
                next: "ask the instructor: somebody may have joined twice".into(),
            }));
        }
        let key = SeatKey::new().map_err(NotIn::Failed)?;
        let folder = SeatKey::new().map_err(NotIn::Failed)?.reveal().to_owned();
        let mut seat = Seat {
            number: 0,
            folder,
            name,
            joined: jiff::Timestamp::now(),
            hand: None,
        };
        seat.number = self.store.add(&seat, &key.hash()).map_err(NotIn::Failed)?;
        members.push(Member {
            seat: seat.clone(),
            key: key.hash(),
            seen: Some(Instant::now()),
            page: None::<Page>,
        });
        Ok((seat, key))
    }

    /// Lets somebody come back to their seat, with a new key: the old one opens nothing any more.
    ///
    /// # Errors
    /// The return code is wrong, used or over, or was guessed too often.
    pub fn come_back(&self, from: IpAddr, code: &str) -> Result<(Seat, SeatKey), NotIn> {
        let wrong = || UserError {
            what: "This is not a return code that lets anybody in now.".into(),
            cause: format!(
                "it was mistyped or used before, is older than {} minutes, or is the join code",
                RETURN_LIFE.as_secs() / 60
            ),
            next: "ask the instructor for a new one".into(),
        };
        let number = self.guess(from, wrong, || {
            let mut returns = locked(&self.door.returns);
            returns.retain(|_, (_, since)| since.elapsed() < RETURN_LIFE);
            let found = returns.iter().find(|(_, (known, _))| known.is(code));
            let number = found.map(|(number, _)| *number)?;
            returns.remove(&number);
            Some(number)
        })?;
        let key = SeatKey::new().map_err(NotIn::Failed)?;
        let mut members = locked(&self.members);
        let member = members
            .iter_mut()
            .find(|member| member.seat.number == number);
        let member = member.ok_or_else(|| NotIn::NoSeat(no_seat(number)))?;
        self.store
            .rekey(number, &key.hash())
            .map_err(NotIn::Failed)?;
        member.key = key.hash();
        Ok((member.seat.clone(), key))
    }

    /// A return code for a seat; an earlier one is over.
    ///
    /// # Errors
    /// There is no such seat.
    pub fn let_back(&self, number: u32) -> Result<String, UserError> {
        self.seat(number)?;
        let code = JoinCode::new()?;
        let shown = code.shown();
        locked(&self.door.returns).insert(number, (code, Instant::now()));
        Ok(shown)
    }

    /// Whose key this is.
    pub fn who(&self, key: &str) -> Option<u32> {
        let hash = seat::hash(key);
        let members = locked(&self.members);
        let known = members.iter().find(|member| same(&member.key, &hash));
        known.map(|member| member.seat.number)
    }

    /// Takes one of the requests that a seat may make.
    ///
    /// # Errors
    /// It makes too many; when to try again.
    pub fn pace(&self, number: u32) -> Result<(), Duration> {
        self.door.of_seat.take(number, Instant::now())
    }

    /// The join code as it is shown, and whether it lets anybody in.
    pub fn code(&self) -> (String, bool) {
        let kept = locked(&self.kept);
        (kept.code.shown(), kept.open)
    }

    /// Opens or closes the door. Who sits, sits.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn set_open(&self, open: bool) -> Result<(), UserError> {
        self.rekeep(|kept| kept.open = open)
    }

    /// Another join code; the old one lets nobody in any more.
    ///
    /// # Errors
    /// There is no randomness, or it cannot be kept.
    pub fn renew_code(&self) -> Result<(), UserError> {
        let code = JoinCode::new()?;
        self.rekeep(|kept| kept.code = code)
    }

    /// What the instructor should know of, the newest last.
    pub fn alarms(&self) -> Vec<Alarm> {
        locked(&self.door.alarms).clone()
    }

    /// Tells the instructor, once for each text.
    pub(super) fn alarm(&self, text: String) {
        let at = jiff::Timestamp::now();
        let mut alarms = locked(&self.door.alarms);
        alarms.retain(|alarm| alarm.text != text);
        if alarms.len() >= MAX_ALARMS {
            alarms.remove(0);
        }
        alarms.push(Alarm { at, text });
    }

    /// One guess at a code. It is counted before it is looked at, and given back where it was right.
    fn guess<T>(
        &self,
        from: IpAddr,
        wrong: impl FnOnce() -> UserError,
        right: impl FnOnce() -> Option<T>,
    ) -> Result<T, NotIn> {
        let now = Instant::now();
        let counted = self.door.of_one.take(from, now).and_then(|()| {
            self.door
                .of_all
                .take((), now)
                .inspect_err(|_| self.door.of_one.give_back(&from))
        });
        if let Err(wait) = counted {
            self.alarm(format!("Somebody at {from} tries one code after another."));
            let seconds = wait.as_secs() + 1;
            let error = UserError {
                what: "Too many wrong codes came from here.".into(),
                cause: "somebody in this network guesses, or mistypes again and again".into(),
                next: format!("wait {seconds} s, then type the code from the board"),
            };
            return Err(NotIn::TooOften(wait, error));
        }
        let Some(value) = right() else {
            return Err(NotIn::Wrong(wrong()));
        };
        self.door.of_one.give_back(&from);
        self.door.of_all.give_back(&());
        Ok(value)
    }
}

/// Compares without telling by the time it takes how much was right.
fn same(a: &KeyHash, b: &KeyHash) -> bool {
    a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}
