//! An image or a single binary, read once and held as facts: what X-ray shows and preflight
//! judges.
//!
//! Owns the one pass over an image's bytes: every file is fingerprinted, every executable seen
//! through, nothing else is kept. Sync and pure. Refuses to know engines, and what any of it
//! means.

mod file;
mod heap_size;
mod inspection;
mod open;
mod program;
mod script;

pub use file::inspect;
pub use inspection::{FileFacts, Inspection};
pub use open::{OpenError, Opened, open, open_file};
pub use program::{GoCode, GoProgram, MAX_PROGRAM, Program, ProgramError};
pub use script::{Commands, ExecTarget, Finds, LastCommand, Reader, When};
