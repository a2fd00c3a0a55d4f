//! Experiments carried out round by round, for the ledger.
//!
//! [`plan`] says what has to be run for which claims; [`carry_out`] runs it and keeps what was
//! measured, so that a ledger that was stopped goes on where it was. Refuses to know what the
//! claims come to, terminals and pages.

mod carry_out;
mod image;
mod keeper;
mod plan;
mod round;

pub use carry_out::{Progress, carry_out};
pub use plan::{Plan, Planned, plan};

/// Timed rounds of each variant, interleaved, after one that is not counted.
pub const ROUNDS: u32 = 5;
