//! What content and readers may ask for at most. Limits are code: a lab may lower
//! them, never raise them.

/// Memory of a run container, in MiB; what a lab gets that asks for nothing.
pub const MAX_MEMORY_MIB: u32 = 256;
/// The engine refuses containers with less memory than this.
pub const MIN_MEMORY_MIB: u32 = 6;
/// Life of a run container, in seconds; what a lab gets that asks for nothing.
pub const MAX_SECONDS: u32 = 30;
/// All files of a build context together.
pub const MAX_CONTEXT_BYTES: u64 = 8 << 20;
/// All of a reader's edits of one run together.
pub const MAX_EDIT_BYTES: usize = 256 << 10;
/// A file shown in a tab.
pub const MAX_SHOWN_BYTES: u64 = 256 << 10;
/// A `lab.toml`.
pub const MAX_LAB_TOML_BYTES: u64 = 64 << 10;
/// What `docker stop` waits between SIGTERM and SIGKILL, in seconds.
pub const STOP_GRACE_SECONDS: u32 = 10;
/// The longest time that an act can be held against, in milliseconds.
pub const MAX_ACT_MS: u64 = 30_000;
/// Things that are done to one container.
pub const MAX_ACTS: usize = 6;
/// Directories in memory, or volumes, of one container.
pub const MAX_MOUNTS: usize = 4;
