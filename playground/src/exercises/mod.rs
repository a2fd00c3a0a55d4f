//! A learner's way through the exercises: where the work lies, what was done, what is said to it.
//!
//! The exercises themselves are data of the catalog, and they are built and run as labs are.
//! Refuses to know HTTP and terminals.

mod grading;
pub mod progress;
mod workspace;

pub use grading::{Judged, Told, Verdict, said};
pub use progress::Progress;
pub use workspace::{Handed, NotSaved, Started, Workspace};
