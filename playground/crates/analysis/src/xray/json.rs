//! What X-ray tells as JSON. Written in this crate, which is optimised even in builds that optimise
//! little: the tree of an image has tens of thousands of places.

use super::{Difference, Report, ReportWithTree};

impl Report {
    /// As `playground xray --json` writes it.
    ///
    /// # Errors
    /// Where it cannot be written as JSON, which is a mistake of ours.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl ReportWithTree<'_> {
    /// As [`Report::to_json`].
    ///
    /// # Errors
    /// As there.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl Difference {
    /// As [`Report::to_json`].
    ///
    /// # Errors
    /// As there.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}
