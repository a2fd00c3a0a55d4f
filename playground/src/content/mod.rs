//! The book's content held against itself and against what really happens.
//!
//! Owns every rule that labs and pages must satisfy beyond a well-formed `lab.toml`:
//! [`read`] judges what can be judged without an engine, [`carry_out`] runs variants and
//! keeps what they said, [`claims`] holds prose against that, [`record`] writes it down.
//! Refuses to know terminals.

mod claims;
mod fix;
mod foreseen;
mod lint;
mod pinning;
mod record;
mod running;
mod transcript;

pub use claims::{Claims, claims, claims_on_record, said_elsewhere};
pub use fix::fix;
pub use lint::{Content, read};
pub use record::{Circumstances, circumstances, record, record_differences};
pub use running::{Chosen, Ran, carry_out, choose};
