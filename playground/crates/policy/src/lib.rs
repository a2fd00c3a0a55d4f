//! What every crate of Empty Room agrees on.
//!
//! - [`UserError`]: how an error speaks to people.
//! - [`sanitize`]: text of strangers made harmless wherever it is shown; [`ansi`]: the same for
//!   logs, which are shown without their escape sequences.
//! - [`limits`]: what a container may use at most.
//! - [`Megabytes`]: how sizes are written.
//! - [`suggest`]: "did you mean".
//! - [`image_name`]: names of images, taken apart and compared as engines do.
//!
//! Refuses to know labs, engines, and what is in images.

pub mod ansi;
pub mod image_name;
pub mod limits;
mod megabytes;
pub mod sanitize;
pub mod suggest;
mod user_error;

pub use megabytes::Megabytes;
pub use user_error::UserError;
