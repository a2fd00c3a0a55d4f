//! The most that a class and each of its seats may use. Limits are code: whoever starts a class may
//! ask for less, never for more. What a container may use stands in policy's limits.

use std::time::Duration;

/// Seats that a class has where nobody says otherwise.
pub const USUAL_SEATS: u32 = 60;
/// The most seats that can be asked for.
pub const MAX_SEATS: u32 = 200;
/// The most runs that work at the same time, over all seats.
pub const MAX_AT_ONCE: usize = 16;
/// What a seat's files and progress may take, in bytes.
pub(super) const SEAT_BYTES: u64 = 64 << 20;
/// Nothing is written for a seat while the disk under the data folder has less than this, in bytes.
pub(super) const MIN_FREE_DATA: u64 = 512 << 20;
/// No run begins while the engine's disk has less than this, in bytes.
pub(super) const MIN_FREE_ENGINE: u64 = 3 << 30;
/// Runs that are under way are stopped where the engine's disk has less than this, in bytes.
pub(super) const MIN_FREE_ENGINE_AT_WORK: u64 = 1 << 30;
/// How often the engine's disk is looked at.
pub(super) const DISK_PACE: Duration = Duration::from_secs(2);
/// Characters of a name.
pub(super) const MAX_NAME: usize = 40;
/// How long a return code is good for.
pub(super) const RETURN_LIFE: Duration = Duration::from_secs(10 * 60);
/// A seat that was not heard of for so long is away.
pub(super) const AWAY: Duration = Duration::from_secs(45);
/// The same check failed so often in a row: stuck.
pub(super) const STUCK_TIMES: usize = 3;
/// So many minutes without progress on something that fails: stuck.
pub(super) const STUCK_MINUTES: i64 = 10;
