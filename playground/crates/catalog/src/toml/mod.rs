//! A strict reader over TOML: every value with its line, every problem reported, none the end of
//! the reading. Knows no labs.

pub(crate) mod reader;
pub(crate) mod rules;
pub(crate) mod table;
mod word;
