//! From a `lab.toml` and the folder around it to a lab, or to everything wrong with it.

pub(crate) mod behaviour;
pub(crate) mod cue;
mod differs;
mod ending;
mod expect;
pub(crate) mod fragment;
pub(crate) mod lab;
mod peer;
mod settings;
pub(crate) mod surroundings;
mod symptom;
mod variant;
