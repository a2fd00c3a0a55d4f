//! “Everyone run this now”: what the instructor asks all to run.

use serde::{Deserialize, Serialize};

/// What everyone was asked to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// The lab's title.
    pub title: String,
    /// The lab's page, from the book's top; none where it is on no page.
    pub page: Option<String>,
    /// Since when. Runs that ended before do not count.
    pub at: jiff::Timestamp,
}
