//! The mdBook, rendered in process, with its lab panels.
//!
//! Labs come in as data and leave as plain HTML that reads well without a server
//! and without scripts; `book/theme` brings it to life in the browser. Nothing here
//! knows how a lab is run.

mod csp;
mod directive;
mod html;
mod journey;
mod pages;
mod panel;
mod render;
mod symptoms;

pub use csp::inline_script_hashes;
pub use directive::Panels;
pub use pages::lab_pages;
pub use panel::Source;
pub use render::{preprocess, render};

#[cfg(test)]
mod testing;
