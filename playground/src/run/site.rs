//! Where work on the engine is done, whatever it is for: a run of a lab, or a service to adopt.
//!
//! Owns what every build and every container need. Refuses to know labs.

use super::RunLog;
use super::cleanup::Cleanup;
use super::execute::RunContext;
use crate::app_state::AppState;
use engine::Engine;
use std::sync::Arc;

/// What work on the engine needs, and what is told and left of it.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) state: &'a Arc<AppState>,
    pub(crate) engine: &'a Engine,
    pub(crate) log: &'a Arc<RunLog>,
    pub(crate) cleanup: &'a Cleanup,
}

impl RunContext<'_> {
    /// The same without the lab.
    pub(super) fn site(&self) -> Site<'_> {
        Site {
            state: self.state,
            engine: &self.engine,
            log: self.log,
            cleanup: self.cleanup,
        }
    }
}
