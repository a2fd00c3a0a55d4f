//! What content and readers may ask for at most, beyond what a container may use
//! ([`policy::limits`]). Limits are code: a lab may lower them, never raise them.

/// All files of a build context together, in bytes.
pub(crate) const MAX_CONTEXT_BYTES: u64 = 8 << 20;
/// All of a reader's edits of one run together, in bytes.
pub(crate) const MAX_EDIT_BYTES: usize = 256 << 10;
/// A file shown in a tab, in bytes.
pub(crate) const MAX_SHOWN_BYTES: u64 = 256 << 10;
/// A `lab.toml`, in bytes.
pub(crate) const MAX_LAB_TOML_BYTES: u64 = 64 << 10;
/// A file that speaks of the whole book (`claims.toml`, `cues.toml`, the inventory), in bytes.
pub(crate) const MAX_BOOK_TOML_BYTES: u64 = 1 << 20;
/// The longest time that an action can be held against, in milliseconds.
pub(crate) const MAX_ACTION_MS: u64 = 30_000;
/// Things that are done to one container.
pub(crate) const MAX_ACTIONS: usize = 6;
