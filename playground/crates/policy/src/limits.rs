//! The most that a container of ours may use. One source for the engine, which enforces it, and
//! for the catalog, which refuses a lab that asks for more.
//!
//! Limits are code: content and clients may ask for less, never for more.

/// Memory (and swap together) of a container, in MiB; what a lab gets that asks for nothing.
pub const MAX_MEMORY_MIB: u32 = 256;
/// The least memory that can be asked for, in MiB: engines refuse containers with less.
pub const MIN_MEMORY_MIB: u32 = 6;
/// CPU time of a container, in billionths of a core: one whole core.
pub const MAX_NANO_CPUS: i64 = 1_000_000_000;
/// The least CPU time that can be asked for: a hundredth of a core.
pub const MIN_NANO_CPUS: i64 = 10_000_000;
/// Processes and threads of a container, so that a fork bomb stays inside.
pub const MAX_PIDS: i64 = 128;
/// Life of a container, in seconds; what a lab gets that asks for nothing.
pub const MAX_SECONDS: u32 = 30;
/// Time on top for all that is done to it while it runs (exec, debug, stop), in seconds.
pub const MAX_ACTION_SECONDS: u32 = 60;
/// What `docker stop` waits between SIGTERM and SIGKILL, in seconds: Docker's own default, which
/// is what readers meet at home.
pub const STOP_GRACE_SECONDS: u32 = 10;
/// Output of a container, or of a build step, that is kept, in bytes; the rest is read and
/// dropped.
pub const MAX_OUTPUT_BYTES: usize = 64 << 10;
/// Directories in memory of one container, and likewise its volumes.
pub const MAX_MOUNTS: usize = 4;
/// A directory in memory, in MiB.
pub const TMPFS_MIB: u32 = 16;
/// A file that a container writes, in bytes.
pub const MAX_FILE_BYTES: i64 = 256 << 20;
/// Files that a process of a container has open at once.
pub const MAX_OPEN_FILES: i64 = 1024;
