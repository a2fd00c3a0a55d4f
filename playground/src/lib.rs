//! Empty Room's playground: everything behind a Run button.
//!
//! Data flows one way:
//!
//! ```text
//! page or CLI → catalog (labs: data) → run (one click, one event stream)
//!             → engine (the one doorway to Docker) → image (pure analysis)
//!             → checks → verdict → page, terminal, journal
//! ```
//!
//! - [`catalog`] reads `book/labs` and reports every problem with file and line.
//! - [`bases`] sees to it that the images Dockerfiles start from are there.
//! - [`engine`] is the only module that may name bollard or BuildKit.
//! - [`event`] is the vocabulary of a run that all of these share.
//! - `hostile` makes text of others harmless wherever it is shown.
//! - [`run`] turns one variant into a stream of events with one terminal event.
//! - [`binary`] sees through an executable: linkage, sections, Go packages by bytes.
//! - [`image`] computes sizes from an image's own bytes; no async, no engine.
//! - [`inspect`] reads an image whole, once, and keeps what X-ray and preflight ask for;
//!   [`inspect_engine`] hands it what an engine has.
//! - [`xray`] tells what is in an image or binary, and what differs between two.
//! - [`xrays`] holds what a app has looked into: pages ask it for maps and differences.
//! - [`preflight`] says how an image will fail before it is started.
//! - [`symptom`] finds the labs that a pasted error message is about.
//! - [`journal`] remembers measurements between launches (SQLite).
//! - [`book`] renders the mdBook with its lab panels; [`web`] serves it.
//! - [`content`] holds labs and pages against each other and against real runs.
//! - [`cli`] is the command line: thin, no domain logic.

pub mod app_state;
pub mod bases;
pub mod book;
pub mod cli;
pub mod content;
pub mod event;
mod jobs;
pub mod journal;
pub mod journey;
pub mod run;
pub mod scans;
pub mod web;
