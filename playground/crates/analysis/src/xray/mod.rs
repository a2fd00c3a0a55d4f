//! What is in an image or a binary, from layer to file to section to Go package, and what
//! differs between two.
//!
//! Owns the report and the difference as data that serialize. Pure: reads what `inspect` kept
//! and nothing else. Refuses to know engines, terminals, pages, and what any of it means for
//! production, which is `preflight`'s.

mod branch;
mod difference;
mod gather;
mod instruction;
mod json;
mod layers;
pub mod map;
mod program_diff;
mod report;
#[cfg(any(test, feature = "testing"))]
#[expect(missing_docs, reason = "steps of tests, which read them as they stand")]
pub mod testing;
#[cfg(test)]
mod tests;
mod tree_diff;

pub use branch::{Branch, ReportWithTree};
pub use difference::{Comparand, Counts, Difference, FromTo, Modified, difference};
pub use gather::{binary, image};
pub use instruction::instruction;
pub use program_diff::{
    ModuleMoved, PackageGrown, Pair, ProgramSummary, SectionGrown, package_bytes,
};
pub use report::{
    Capable, Executables, Installed, Layer, LayerFile, Notable, ProgramIn, Report, Setuid, Sizes,
    Sum, Wasted, What,
};
pub use tree_diff::{Change, Files, Group};
