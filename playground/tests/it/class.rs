//! A class: seats, what they may reach, and what nobody in the room may do. On loopback alone.

mod board;
mod command;
pub(crate) mod room;
mod seats;
mod threats;
