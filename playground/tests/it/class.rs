//! A class: seats, what they may reach, and what nobody in the room may do. On loopback alone.

mod board;
mod room;
mod seats;
mod threats;
