//! The mdBook, rendered in process, with its lab panels.
//!
//! Labs come in as data and leave as plain HTML that reads well without a server
//! and without scripts; `book/theme` brings it to life in the browser. Nothing here
//! knows how a lab is run.

mod columns;
mod csp;
mod directive;
mod engines;
mod exercises;
mod fence;
mod html;
mod journey;
mod labs;
mod ledger;
mod newer;
mod page;
mod pages;
mod panel;
mod question;
mod quoted;
mod recorded;
mod render;
mod repositories;
mod rules;
mod search;
mod symptoms;
mod terms;

pub use csp::inline_script_hashes;
pub use directive::Panels;
pub(crate) use engines::stands_in;
pub use engines::{ByEngine, ENGINES, family};
pub use labs::panels;
pub(crate) use labs::panels_with;
pub use page::{On, Page, chapters};
pub use pages::{lab_pages, page_titles};
pub use panel::Source;
pub use quoted::{SizeQuote, Weighed};
pub(crate) use recorded::column_folder;
pub use recorded::{Answered, RECORDED, Recorded, Recording, Recordings, Said, Speaker, Weight};
pub use render::{preprocess, render};
pub use repositories::REPOSITORIES;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod rendered;
#[cfg(test)]
mod testing;
