//! A learner's way through the exercises: where the work lies, what was done, what is said to it.
//!
//! The exercises themselves are data of the catalog, and they are built and run as labs are.
//! Refuses to know HTTP and terminals.

mod difference;
mod grading;
mod hints;
mod instant;
pub mod inventory;
mod overview;
pub mod progress;
mod saves;
mod workspace;

pub use difference::to_solution;
pub use grading::{Judged, Told, Verdict, said};
pub use hints::{Help, fitting, next_hint};
pub use instant::{Remark, Weight, remarks};
pub use overview::{Place, Reached, last_worked_on, overview};
pub use progress::Progress;
pub use saves::{Files, Saves};
pub use workspace::{Handed, NotSaved, Started, Workspace};
