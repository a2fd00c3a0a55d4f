//! The promises of the catalog: every rule is broken once, and reported where it is broken.

mod actions;
mod context;
mod differences;
mod exercises;
mod failure;
mod fixture;
mod folders;
mod image_checks;
mod json;
mod labs;
pub(crate) mod project;
mod stage;
