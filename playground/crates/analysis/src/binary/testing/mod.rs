//! Small executables that are sound, made in memory: unit tests break them, fuzz targets begin
//! from them.

mod frame;
mod table;

pub use frame::{Frame, TEXT_ADDRESS};
pub use table::{FUNCTIONS, function_table};
