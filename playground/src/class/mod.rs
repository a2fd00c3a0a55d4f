//! A class: one engine and many seats, each with its own key, files, progress and place in the queue.
//!
//! - `door`: joining, the code, what is done about guessers; `seat`, `code`, `pace` beside it.
//! - `rooms`: what a seat works with, and its limits (`limits`, `disk`).
//! - `board`: where all stand, from what they ran (`ran`, `stuck`, `call`); `export` of it.
//! - `certificate`, `address`, `qr`: how learners reach it. `check`: whether all is ready.
//!
//! Seats and what they ran are kept in the data folder: they survive a server that is killed.
//! Refuses to know HTTP and TLS.

mod address;
mod board;
mod call;
mod certificate;
mod check;
mod code;
mod disk;
mod door;
mod export;
mod limits;
mod pace;
pub mod qr;
mod ran;
mod rooms;
mod seat;
mod store;
mod stuck;

pub use address::{authority, lan_address};
pub use board::{Board, Page};
pub use call::Call;
pub use certificate::Certificate;
pub use check::{Asked, Item, State, check, usual_address, visit_bytes};
pub use door::{Alarm, NotIn};
pub use export::{Names, csv, statements};
pub use limits::{MAX_AT_ONCE, MAX_SEATS, USUAL_SEATS};
pub use ran::Ran;
pub use rooms::Room;
pub use seat::{Seat, SeatKey};

use crate::app_state::AppState;
use crate::jobs::{Load, Turns};
use board::{Facts, Presence, UnderWay};
use code::JoinCode;
use door::Door;
use policy::UserError;
use rooms::Rooms;
use seat::KeyHash;
use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use store::{Kept, Store};

/// How large a class may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Seats.
    pub seats: u32,
    /// Runs that work at the same time, over all seats.
    pub at_once: usize,
}

/// A class that is under way.
#[derive(Debug)]
pub struct Class {
    state: Arc<AppState>,
    dir: PathBuf,
    size: Size,
    store: Store,
    kept: Mutex<Kept>,
    members: Mutex<Vec<Member>>,
    ran: Mutex<Vec<Ran>>,
    door: Door,
    rooms: Rooms,
    began: Instant,
    /// One process at a time.
    _lock: File,
}

/// A seat with what is known of it in this process.
#[derive(Debug)]
struct Member {
    seat: Seat,
    key: KeyHash,
    seen: Option<Instant>,
    page: Option<Page>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Class {
    /// Opens the class of this data folder as it was left, or begins one.
    ///
    /// # Errors
    /// Another process serves it, or its folder cannot be used.
    pub fn open(state: Arc<AppState>, size: Size) -> Result<Arc<Class>, UserError> {
        let dir = Class::dir(&state.data);
        let lock = take(&dir)?;
        let store = Store::open_in(&dir)?;
        let kept = match store.kept()? {
            Some(kept) => kept,
            None => {
                let kept = Kept {
                    began: jiff::Timestamp::now(),
                    code: JoinCode::new()?,
                    open: true,
                    call: None,
                };
                store.keep(&kept)?;
                kept
            }
        };
        let members = store.seats()?.into_iter().map(|(seat, key)| Member {
            seat,
            key,
            seen: None,
            page: None,
        });
        let size = Size {
            seats: size.seats.min(MAX_SEATS),
            at_once: size.at_once.clamp(1, MAX_AT_ONCE),
        };
        Ok(Arc::new(Class {
            members: Mutex::new(members.collect()),
            ran: Mutex::new(store.ran()?),
            kept: Mutex::new(kept),
            door: Door::default(),
            rooms: Rooms::new(size.at_once),
            began: Instant::now(),
            _lock: lock,
            store,
            size,
            dir,
            state,
        }))
    }

    /// Where the class of a data folder lies.
    pub fn dir(data: &Path) -> PathBuf {
        data.join("class")
    }

    /// Removes a class and everything of it: seats, files, progress, certificate. Returns whether
    /// there was one.
    ///
    /// # Errors
    /// A process serves it, or its folder cannot be removed.
    pub fn end(data: &Path) -> Result<bool, UserError> {
        let dir = Class::dir(data);
        if !dir.exists() {
            return Ok(false);
        }
        let lock = take(&dir)?;
        std::fs::remove_dir_all(&dir).map_err(|error| UserError {
            what: format!("{} cannot be removed: {error}", dir.display()),
            cause: "a file in it belongs to somebody else, or is held open".into(),
            next: format!("rm -r {}", dir.display()),
        })?;
        drop(lock);
        Ok(true)
    }

    /// How large it may become.
    pub fn size(&self) -> Size {
        self.size
    }

    /// What the instructor's own process works with.
    pub fn state(&self) -> &Arc<AppState> {
        &self.state
    }

    /// Turns that all runs of the class share.
    pub(crate) fn turns(&self) -> &Turns {
        self.rooms.turns()
    }

    /// Turns that all X-rays of the class share.
    pub(crate) fn scan_turns(&self) -> &Turns {
        self.rooms.scan_turns()
    }

    /// How many runs work and wait right now.
    pub(crate) fn load(&self) -> Load {
        self.rooms.turns().load()
    }

    /// All seats, by number.
    pub fn seats(&self) -> Vec<Seat> {
        let members = locked(&self.members);
        members.iter().map(|member| member.seat.clone()).collect()
    }

    /// The seat of this number.
    ///
    /// # Errors
    /// There is none, or none any more.
    pub fn seat(&self, number: u32) -> Result<Seat, UserError> {
        let members = locked(&self.members);
        let member = members.iter().find(|member| member.seat.number == number);
        member
            .map(|member| member.seat.clone())
            .ok_or_else(|| no_seat(number))
    }

    /// Everything that was run and is over, in order.
    pub fn ran(&self) -> Vec<Ran> {
        locked(&self.ran).clone()
    }

    /// What everyone was asked to run.
    pub fn call(&self) -> Option<Call> {
        let kept = locked(&self.kept);
        serde_json::from_str(kept.call.as_deref()?).ok()
    }

    /// Asks everyone to run something, or no longer does.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn set_call(&self, call: Option<&Call>) -> Result<(), UserError> {
        let call = call.map(|call| serde_json::to_string(call).unwrap_or_default());
        self.rekeep(|kept| kept.call = call)
    }

    fn rekeep(&self, change: impl FnOnce(&mut Kept)) -> Result<(), UserError> {
        let mut kept = locked(&self.kept);
        let mut new = kept.clone();
        change(&mut new);
        self.store.keep(&new)?;
        *kept = new;
        Ok(())
    }

    /// Notes that a seat was heard of, and where it is, where it says so.
    pub fn seen(&self, number: u32, page: Option<Page>) {
        let mut members = locked(&self.members);
        if let Some(member) = members
            .iter_mut()
            .find(|member| member.seat.number == number)
        {
            member.seen = Some(Instant::now());
            member.page = page.or(member.page.take());
        }
    }

    /// Raises or lowers a hand.
    ///
    /// # Errors
    /// There is no such seat, or it cannot be kept.
    pub fn hand(&self, number: u32, up: bool) -> Result<(), UserError> {
        let mut members = locked(&self.members);
        let member = members
            .iter_mut()
            .find(|member| member.seat.number == number);
        let member = member.ok_or_else(|| no_seat(number))?;
        let since = match (up, member.seat.hand) {
            (true, Some(since)) => Some(since),
            (true, None) => Some(jiff::Timestamp::now()),
            (false, _) => None,
        };
        self.store.hand(number, since)?;
        member.seat.hand = since;
        Ok(())
    }

    /// Remembers a run that is over. What cannot be kept is on the board all the same.
    fn record(&self, ran: Ran) {
        // Who was sent away meanwhile leaves nothing behind.
        if self.seat(ran.seat).is_err() {
            return;
        }
        if let Err(error) = self.store.add_ran(&ran) {
            log::warn!("a run of seat {} is not kept: {error}", ran.seat);
        }
        locked(&self.ran).push(ran);
    }

    /// The board at this moment.
    pub fn board(&self) -> Board {
        let rooms = self.rooms.all();
        let mut present: BTreeMap<u32, Presence> = BTreeMap::new();
        for member in locked(&self.members).iter() {
            let number = member.seat.number;
            let room = rooms.iter().find(|(known, _)| *known == number);
            let run = room.and_then(|(_, room)| room.runs.under_way());
            let presence = Presence {
                seen: member.seen.map(|seen| seen.elapsed()),
                page: member.page.clone(),
                running: run.map(|run| UnderWay {
                    object: run.lab.clone(),
                    variant: run.variant.clone(),
                    waits: run.waited_ms().is_none(),
                }),
            };
            present.insert(number, presence);
        }
        Board::of(&Facts {
            seats: &self.seats(),
            ran: &locked(&self.ran),
            present: &present,
            call: self.call().as_ref(),
            exercises: &self.state.catalog.exercises,
            now: jiff::Timestamp::now(),
        })
    }

    /// When it began, and for how many seconds this process serves it.
    pub fn age(&self) -> (jiff::Timestamp, u64) {
        (locked(&self.kept).began, self.began.elapsed().as_secs())
    }

    /// Sends somebody away, with everything that was theirs.
    ///
    /// # Errors
    /// There is no such seat, or it cannot be forgotten.
    pub async fn remove(&self, number: u32) -> Result<(), UserError> {
        let seat = self.seat(number)?;
        // From here on its key opens nothing.
        self.store.remove(number)?;
        locked(&self.members).retain(|member| member.seat.number != number);
        locked(&self.ran).retain(|ran| ran.seat != number);
        self.rooms.clear(number).await;
        self.state.forget_tenant(&seat.folder).await;
        let dir = self.dir.join("seats").join(&seat.folder);
        match std::fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(UserError {
                what: format!("{} cannot be removed: {error}", dir.display()),
                cause: "a file in it belongs to somebody else, or is held open".into(),
                next: format!("rm -r {}", dir.display()),
            }),
            _ => Ok(()),
        }
    }

    /// Stops all that is under way, and waits until it has cleaned up after itself.
    pub async fn close(&self) {
        self.rooms.close().await;
    }
}

fn no_seat(number: u32) -> UserError {
    UserError {
        what: format!("There is no seat {number}."),
        cause: "it was never taken, or its learner was sent away".into(),
        next: "look at the board: it lists all seats".into(),
    }
}

/// The folder with its lock, which ends with the process. Names, code and work of learners lie in it:
/// other users of the machine have no business there.
fn take(dir: &Path) -> Result<File, UserError> {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join("lock");
    let locked = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::set_permissions(dir, Permissions::from_mode(0o700)))
        .and_then(|()| File::options().create(true).append(true).open(&path));
    let lock = locked.map_err(|error| UserError {
        what: format!("{} cannot be written to: {error}", dir.display()),
        cause: "the disk is full, or the folder belongs to somebody else".into(),
        next: "make room, or name another folder with --data".into(),
    })?;
    lock.try_lock().map_err(|_| UserError {
        what: "A class is under way from this data folder.".into(),
        cause: "another `playground class serve` holds it".into(),
        next: "end that one first, on its board or with Ctrl-C; or name another folder with --data"
            .into(),
    })?;
    Ok(lock)
}

#[cfg(test)]
mod tests;
