//! Services of the reader's own: the folders that this launch was started with, and their adoptions.
//!
//! Owns which folders there are: those that were named on the command line, each by an id that says
//! nothing of its path. [`Services`] accepts, by the rules of [`jobs`](crate::jobs); what is done is
//! [`adopt`](crate::adopt)'s. Refuses to know HTTP, and to hear of paths from anybody.

mod folder;

pub use folder::Service;

use crate::adopt::write::{File, files};
use crate::adopt::{Extent, Report, Request, adopt_as};
use crate::app_state::AppState;
use crate::event::Event;
use crate::jobs::{Job, Jobs, Rules, Ticket, newest};
use crate::run::RunLog;
use policy::UserError;
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// Adoptions carried out at the same time: each builds, and holds a tree and images in memory.
const AT_ONCE: usize = 1;
/// Adoptions that may wait for their turn before a new one is refused.
const MAX_WAITING: usize = 3;
/// Adoptions that are over and kept for pages that come back.
const MAX_KEPT: usize = 6;

/// The folders of this launch, and their adoptions.
#[derive(Debug)]
pub struct Services {
    state: Arc<AppState>,
    folders: Vec<Service>,
    jobs: Jobs<Adoption>,
}

/// One accepted adoption.
#[derive(Debug)]
pub struct Adoption {
    ticket: Ticket,
    /// The service's id.
    service: String,
    /// What has happened so far.
    pub log: Arc<RunLog>,
    done: OnceLock<Done>,
}

/// What an adoption came to, kept for whoever asks.
#[derive(Debug)]
struct Done {
    report: Report,
    files: Vec<File>,
}

/// An adoption as a page lists it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The adoption's id.
    pub adoption: String,
    /// The service's id.
    pub service: String,
    /// `running` or `finished`.
    pub state: &'static str,
    /// Milliseconds since it was accepted.
    pub age_ms: u64,
}

/// How an adoption stands, as a page is told.
#[derive(Debug, Serialize)]
pub struct Status<'a> {
    /// Which it is.
    #[serde(flatten)]
    pub listed: Listed,
    /// What it came to; `None` before, and where it could not be carried out.
    pub report: Option<&'a Report>,
    /// The files to take.
    pub files: &'a [File],
}

impl Services {
    /// These folders, and no adoption yet.
    pub fn new(state: Arc<AppState>, folders: Vec<Service>) -> Services {
        let jobs = Jobs::new(Rules {
            plural: "adoptions",
            crowded: "more were started than the engine can work off, one after the other",
            at_once: AT_ONCE,
            max_waiting: MAX_WAITING,
            keep: |adoptions| newest(MAX_KEPT, adoptions),
        });
        Services {
            state,
            folders,
            jobs,
        }
    }

    /// The folders, in the order of the command line.
    pub fn folders(&self) -> &[Service] {
        &self.folders
    }

    /// Accepts an adoption; what happens from then on are events.
    ///
    /// # Errors
    /// This launch has no such service, or too many adoptions are waiting.
    pub fn start(&self, id: &str, extent: Extent) -> Result<Arc<Adoption>, UserError> {
        let Some(service) = self.folders.iter().find(|service| service.id == id) else {
            return Err(UserError {
                what: "There is no such service.".into(),
                cause: "only folders that the playground was started with can be adopted, and \
                        they are named by their ids"
                    .into(),
                next: "start it with `playground serve --service PATH`".into(),
            });
        };
        let adoption = self.jobs.admit(|ticket| Adoption {
            ticket,
            service: service.id.clone(),
            log: Arc::default(),
            done: OnceLock::new(),
        })?;
        let request = Request {
            path: service.path.clone(),
            main: None,
        };
        let (state, accepted) = (self.state.clone(), adoption.clone());
        // Also without a turn: one that was stopped while it waited says so.
        self.jobs.carry_out(&adoption, move |_turn| async move {
            let Adoption { ticket, log, .. } = &*accepted;
            let kept = |report: &Report| {
                let files = files(report, &request.path);
                let report = report.clone();
                let _ = accepted.done.set(Done { report, files });
            };
            // Whoever sees the end finds the report.
            let _ = adopt_as(&state, &request, extent, log, &ticket.stop, kept).await;
        });
        Ok(adoption)
    }

    /// The adoption of this id, while it is kept.
    ///
    /// # Errors
    /// There is none, or none any more.
    pub fn find(&self, id: &str) -> Result<Arc<Adoption>, UserError> {
        self.jobs.get(id).ok_or_else(|| UserError {
            what: "There is no such adoption.".into(),
            cause: "it was started by an earlier launch of the playground, or is long over".into(),
            next: "start it again".into(),
        })
    }

    /// All adoptions that are kept, newest first.
    pub fn list(&self) -> Vec<Listed> {
        self.jobs.list().iter().map(|one| one.listed()).collect()
    }

    /// Stops every adoption and waits until each has cleaned up after itself.
    pub async fn close(&self) {
        self.jobs.close().await;
    }
}

impl Adoption {
    /// Names the adoption (hex).
    pub fn id(&self) -> &str {
        &self.ticket.id
    }

    /// Asks it to stop; its terminal event says when it has.
    pub fn stop(&self) {
        self.ticket.stop.cancel();
    }

    /// How it stands now.
    pub fn status(&self) -> Status<'_> {
        let done = self.done.get();
        Status {
            listed: self.listed(),
            report: done.map(|done| &done.report),
            files: done.map_or(&[], |done| &done.files),
        }
    }

    fn listed(&self) -> Listed {
        Listed {
            adoption: self.id().to_owned(),
            service: self.service.clone(),
            state: match self.is_over() {
                true => "finished",
                false => "running",
            },
            age_ms: self.log.elapsed_ms(),
        }
    }
}

impl Job for Adoption {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn is_over(&self) -> bool {
        self.log.is_finished()
    }

    fn waits(&self) {
        let text = "Waiting for its turn: another service is being adopted.";
        self.log.push(Event::notice(text));
    }
}
