//! What each seat works with: its own files, progress, runs and X-rays, over one engine.
//!
//! Rooms are opened when somebody needs one. Limits of a seat and of all together are kept here;
//! those of containers are the engine's.

use super::disk::{folder_bytes, free_bytes};
use super::limits::{
    DISK_PACE, MIN_FREE_DATA, MIN_FREE_ENGINE, MIN_FREE_ENGINE_AT_WORK, SEAT_BYTES,
};
use super::ran::Ran;
use super::{Class, locked};
use crate::app_state::{AppState, Tenant};
use crate::jobs::Turns;
use crate::run::{Ended, Runs};
use crate::scans::Scans;
use futures_util::future::join_all;
use policy::UserError;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What one seat works with.
#[derive(Debug)]
pub struct Room {
    /// Its files and progress, over what all share.
    pub state: Arc<AppState>,
    /// Its runs.
    pub runs: Arc<Runs>,
    /// Its X-rays.
    pub scans: Arc<Scans>,
}

/// All rooms that are open.
#[derive(Debug)]
pub(super) struct Rooms {
    open: Mutex<HashMap<u32, Arc<Room>>>,
    turns: Turns,
    scan_turns: Turns,
    /// The engine's disk is nearly full.
    full: AtomicBool,
}

impl Rooms {
    pub(super) fn new(at_once: usize) -> Rooms {
        Rooms {
            open: Mutex::default(),
            // Of each seat, one run works: it cannot take all turns, whatever the others do.
            turns: Turns::new(at_once, 1),
            scan_turns: Turns::new(1, 1),
            full: AtomicBool::new(false),
        }
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    pub(super) fn scan_turns(&self) -> &Turns {
        &self.scan_turns
    }

    pub(super) fn all(&self) -> Vec<(u32, Arc<Room>)> {
        let open = locked(&self.open);
        open.iter().map(|(n, room)| (*n, room.clone())).collect()
    }

    /// Closes a room, and waits until nothing of it is under way.
    pub(super) async fn clear(&self, number: u32) {
        let room = locked(&self.open).remove(&number);
        if let Some(room) = room {
            room.close().await;
        }
    }

    pub(super) async fn close(&self) {
        let rooms = self.all();
        join_all(rooms.iter().map(|(_, room)| room.close())).await;
    }
}

impl Room {
    async fn close(&self) {
        tokio::join!(self.runs.close(), self.scans.close());
    }
}

impl Class {
    /// A seat's room.
    ///
    /// # Errors
    /// There is no such seat, or its folder cannot be used.
    pub fn room(self: &Arc<Self>, number: u32) -> Result<Arc<Room>, UserError> {
        let mut open = locked(&self.rooms.open);
        // Behind the lock: whoever is sent away meanwhile gets no room after theirs was cleared.
        let seat = self.seat(number)?;
        if let Some(room) = open.get(&number) {
            return Ok(room.clone());
        }
        let tenant = Tenant {
            id: seat.folder.clone(),
        };
        let dir = self.folder(&seat.folder);
        let state = Arc::new(self.state.for_tenant(&dir, tenant)?);
        let class = Arc::downgrade(self);
        let ended = Ended::new(move |run| {
            if let (Some(class), Some(ran)) = (class.upgrade(), Ran::of(number, run)) {
                class.record(ran);
            }
        });
        let party = u64::from(number);
        let runs = Arc::new(Runs::of_seat(
            state.clone(),
            &self.rooms.turns,
            party,
            ended,
        ));
        let scans = Scans::of_seat(state.clone(), runs.clone(), &self.rooms.scan_turns, party);
        let room = Arc::new(Room {
            state,
            runs,
            scans: Arc::new(scans),
        });
        open.insert(number, room.clone());
        Ok(room)
    }

    fn folder(&self, seat: &str) -> PathBuf {
        self.dir.join("seats").join(seat)
    }

    /// Whether a seat may write more files or progress.
    ///
    /// # Errors
    /// It has written all that it may, or the disk is nearly full.
    pub fn may_write(&self, number: u32) -> Result<(), UserError> {
        let seat = self.seat(number)?;
        let free = free_bytes(&self.dir);
        if free.is_some_and(|free| free < MIN_FREE_DATA) {
            self.alarm("The disk under the data folder is nearly full: nothing is saved.".into());
            return Err(UserError {
                what: "Nothing is saved right now; what you typed stays in your browser.".into(),
                cause: "the instructor's disk is nearly full".into(),
                next: "tell the instructor".into(),
            });
        }
        let bytes = folder_bytes(&self.folder(&seat.folder));
        if bytes < SEAT_BYTES {
            return Ok(());
        }
        self.alarm(format!("Seat {number} has used up its disk space."));
        Err(UserError {
            what: format!("Your seat has used up its {} MiB.", SEAT_BYTES >> 20),
            cause: "copies of files that were begun anew are kept, and submissions are".into(),
            next: "export your progress, then ask the instructor for a new seat".into(),
        })
    }

    /// Whether anybody may begin a run.
    ///
    /// # Errors
    /// The engine's disk is nearly full.
    pub fn may_run(&self) -> Result<(), UserError> {
        match self.rooms.full.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(UserError {
                what: "Nothing can be built right now.".into(),
                cause: "the disk of the engine that all share is nearly full".into(),
                next: "tell the instructor, and press Run again later".into(),
            }),
        }
    }

    /// Looks at the engine's disk for as long as it is polled: builds have no limit of their own.
    pub async fn watch_disk(&self) {
        let mut root: Option<PathBuf> = None;
        loop {
            tokio::time::sleep(DISK_PACE).await;
            if root.is_none()
                && let Ok(engine) = self.state.engine().await
                && let Some(machine) = engine.machine().await
            {
                // An engine elsewhere does not show its disk.
                let Some(found) = machine.data_root else {
                    return;
                };
                root = Some(found);
            }
            if let Some(free) = root.as_deref().and_then(free_bytes) {
                self.look_at(free);
            }
        }
    }

    /// Draws the consequences of what is free on the engine's disk.
    fn look_at(&self, free: u64) {
        let full = free < MIN_FREE_ENGINE;
        self.rooms.full.store(full, Ordering::Relaxed);
        if full {
            self.alarm(
                "The engine's disk is nearly full: no run begins. `docker builder prune` makes room."
                    .into(),
            );
        }
        if free < MIN_FREE_ENGINE_AT_WORK {
            self.alarm("Runs were stopped, before they had filled the engine's disk.".into());
            for (_, room) in self.rooms.all() {
                room.runs.stop_all();
            }
        }
    }

    #[cfg(test)]
    pub(super) fn see_free(&self, bytes: u64) {
        self.look_at(bytes);
    }
}
