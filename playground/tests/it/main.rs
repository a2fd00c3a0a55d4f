//! Integration tests: the real server, a real engine, a real browser.
//!
//! Each test's name is a promise. They need a Docker engine, Chromium and its driver;
//! `script/test` installs and starts them.

mod acts;
mod adopt;
mod adopt_in_ci;
mod adopt_journey;
mod alpine;
mod bases;
mod browser;
mod class;
mod classic;
mod cli;
mod content;
mod embedded;
mod engine;
mod exercise_api;
mod exercises;
mod http;
mod inventory;
mod kept;
mod kit;
mod labs;
mod ledger;
mod limits;
mod modern;
mod odd_inputs;
mod overlay;
mod preflight;
mod private;
mod registry;
mod runs;
mod scans;
mod services;
mod stalls;
mod stopped_builds;
mod support;
mod symptoms;
mod types;
mod versions;
mod xray;
mod xray_command;
