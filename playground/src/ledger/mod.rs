//! The ledger: what was measured, on disk, and what the claims come to by it.
//!
//! [`Store`] keeps one file per lab: those in the data directory are this machine's, those under
//! `book/recorded/ledger` are what readers without a server see; [`judge`] holds the claims
//! against either. Refuses to know how anything is measured, terminals and pages.

mod judge;
mod session;
mod store;
mod taken;

pub use judge::{Ledger, judge, record};
pub use session::{Asked, Session};
pub use store::{Lock, RECORDED, Store};
pub use taken::{Earlier, Part, Provenance, Taken};
