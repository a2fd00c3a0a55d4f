//! Empty Room's playground: everything behind a Run button.
//!
//! The crates below it know nothing of it: `policy` (errors and limits), `catalog` (labs as
//! data), `analysis` (what images and programs are, pure) and `engine` (the one doorway to
//! Docker). Modules here use those above them in this list, and none below; a test keeps it so.
//!
//! - `jobs` queues, keeps, stops and closes work, whatever the work is.
//! - [`event`] is the vocabulary of a run that run, page and terminal share.
//! - [`journal`] remembers measurements between launches (SQLite).
//! - [`journey`] puts claims beside measurements.
//! - [`exercises`] keeps a learner's files and progress.
//! - [`bases`] sees to it that the images Dockerfiles start from are there.
//! - [`ledger`] keeps what experiments measured, and judges the claims by it.
//! - [`book`] renders the mdBook with its lab panels.
//! - `kept` holds the images that stay on the engine for the next click.
//! - [`app_state`] is what all parts of one process share, and finds the engine.
//! - [`run`] turns one variant into a stream of events with one terminal event.
//! - [`adopt`] turns a Go repository into an image that answers, with its reasons.
//! - [`services`] holds the folders that a launch may adopt, and their adoptions.
//! - [`scans`] holds the X-rays that were asked for, and answers questions about them.
//! - [`class`] is a room: one engine, many seats, and a board of where all stand.
//! - [`content`] holds labs and pages against each other and against real runs.
//! - [`experiments`] measures what the ledger's claims need.
//! - [`kit`] packs what a room without a network needs into one file, and loads it.
//! - [`web`] serves book, runs and X-rays.
//! - [`cli`] is the command line: thin, no domain logic.

pub mod adopt;
pub mod app_state;
pub mod bases;
pub mod book;
pub mod class;
pub mod cli;
pub mod content;
pub mod event;
pub mod exercises;
pub mod experiments;
mod jobs;
pub mod journal;
pub mod journey;
mod kept;
pub mod kit;
pub mod ledger;
pub mod run;
pub mod scans;
pub mod services;
pub mod web;
