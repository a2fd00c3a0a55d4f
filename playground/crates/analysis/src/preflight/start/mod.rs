//! Whether a container of the image comes to its first instruction, and its health check too.
//!
//! Owns which starts fail, and how bad that is where a shell or an init stands between. What one
//! file needs to run is `kernel`'s business; what is said about it, the rules'.

mod capabilities;
mod error;
mod kernel;
mod libraries;
#[cfg(test)]
mod tests;

pub(super) use capabilities::{has_capability, lacking};
pub(super) use error::{CpuOutcome, FormatError, StartError};
pub(super) use libraries::Loader;

use super::{Explanation, Location, Severity, TargetPlatform};
use crate::entrypoint::{
    Certainty, Entrypoint, ImageContext, LookupError, Role, Start, StartedBy, may_be_applet,
};

/// A program that is to be started and does not come to its first instruction.
pub(super) struct FailedStart<'a> {
    pub(super) start: Start,
    /// The file's path; where there is none, the word that should lead to one.
    pub(super) path: String,
    pub(super) error: StartError<'a>,
    /// What an engine would make of it that is not this one, or other capabilities.
    pub(super) spared: Spared,
}

/// Whether the capability to override modes lets the engine start a program that its user may not
/// execute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spared {
    /// No: the program cannot be started, or nobody but its user does.
    Never,
    /// With this engine and these capabilities it does.
    Here,
    /// It hangs on the engine: some do.
    Somewhere,
}

/// The starts that fail, the command's first, until one ends it all: what would have come next
/// is never come to.
pub(super) fn failed_starts<'a>(
    image: &ImageContext<'a>,
    entrypoint: &Entrypoint,
    target: &TargetPlatform,
) -> Vec<FailedStart<'a>> {
    let mut all = Vec::new();
    for role in [Role::Command, Role::Healthcheck] {
        // What the engine executes, and the kernel for it: from then on the user is all there is.
        let mut by_engine = true;
        for start in entrypoint.of(role) {
            by_engine &= matches!(start.by, StartedBy::Engine | StartedBy::Kernel(_));
            let error = match &start.file {
                // What is mounted over it starts in its place: `hidden-by-mount` tells.
                Ok(id) if image.hidden_by(&image.tree.path(*id)).is_some() => break,
                Ok(id) => {
                    let shell = matches!(start.by, StartedBy::Shell(_) | StartedBy::Program(_));
                    kernel::error(image, target, *id, shell)
                }
                Err(_) if guessed(image, entrypoint, start) => None,
                Err(_) if image.leads_to_a_mount(&start.called) => None,
                Err(error) => Some(StartError::of_lookup(start, error.clone())),
            };
            let Some(error) = error else { continue };
            let path = start.file.clone().map(|id| image.tree.path(id));
            let overridable = start.file.as_ref().is_err_and(|error| error.overridable);
            let failed = FailedStart {
                path: path.unwrap_or_else(|_| start.called.clone()),
                start: start.clone(),
                error,
                spared: match by_engine && overridable {
                    true => spared(image, target),
                    false => Spared::Never,
                },
            };
            let last = failed.ends_all();
            all.push(failed);
            if last {
                break;
            }
        }
    }
    all
}

/// What becomes of a program that only its user may not execute.
fn spared(image: &ImageContext<'_>, target: &TargetPlatform) -> Spared {
    if !has_capability(image.container, "cap_dac_override") {
        return Spared::Never;
    }
    match target.executes_with_rights {
        Some(true) => Spared::Here,
        Some(false) => Spared::Never,
        None => Spared::Somewhere,
    }
}

/// Whether the word may be something else than a program: an option's value, an applet of
/// busybox that has no file.
fn guessed(image: &ImageContext<'_>, entrypoint: &Entrypoint, start: &Start) -> bool {
    let busybox = || {
        let mut files = entrypoint.files().into_iter();
        files.any(|id| image.tree.node(id).name.starts_with("busybox"))
    };
    match start.by {
        StartedBy::Engine | StartedBy::Kernel(_) => false,
        StartedBy::Shell(_) => may_be_applet(&start.called) && busybox(),
        StartedBy::Program(_) => start.certainty == Certainty::Possible,
    }
}

/// Words as the image's config and a Dockerfile have them: `["/app","-x"]`.
pub(super) fn json_list(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_default()
}

impl FailedStart<'_> {
    /// Whether the command, or the health check, ends with it.
    fn ends_all(&self) -> bool {
        let fails = self.error.fails_here() && self.spared != Spared::Here;
        fails && self.start.certainty == Certainty::Required
    }

    /// How bad it is, for what and by whom it was to be started, and when it happens.
    fn severity(&self) -> (Severity, Option<String>) {
        let certainty = self.start.certainty;
        let spared = self.spared == Spared::Here;
        if !self.error.fails_here() || certainty == Certainty::Possible || spared {
            return (Severity::Advice, None);
        }
        if self.spared == Spared::Somewhere && self.start.role == Role::Command {
            let when = "is started by runc before 1.5, or without CAP_DAC_OVERRIDE";
            return (Severity::WillFail, Some(when.to_owned()));
        }
        match (self.start.role, certainty) {
            // `curl x || wget x`
            (Role::Healthcheck, Certainty::Certain) => (Severity::Advice, None),
            (Role::Healthcheck, _) => (
                Severity::WillFail,
                Some("is asked for its health: it will be called unhealthy".to_owned()),
            ),
            (Role::Command, Certainty::Required) => (Severity::WillNotStart, None),
            (Role::Command, _) => (
                Severity::WillFail,
                Some(format!("comes to {}", self.start.called)),
            ),
        }
    }

    /// Whether no container of the image starts because of it.
    pub(super) fn is_fatal(&self) -> bool {
        self.severity().0 == Severity::WillNotStart
    }

    /// The file, or the script that names what is not there.
    pub(super) fn location(&self, image: &ImageContext<'_>) -> Option<Location> {
        let id = match (&self.start.file, &self.start.by) {
            (Ok(id), _)
            | (
                Err(LookupError {
                    denied: Some(id), ..
                }),
                _,
            ) => *id,
            (_, StartedBy::Kernel(script)) => image.tree.lookup(script).ok()?,
            _ => return None,
        };
        Some(image.location(id))
    }

    /// How bad it is, when and where, besides what a rule has to say.
    pub(super) fn finish(&self, image: &ImageContext<'_>, told: Explanation) -> Explanation {
        let (severity, when) = self.severity();
        Explanation {
            severity: Some(severity),
            when,
            location: self.location(image),
            ..told
        }
    }

    /// Who looks for the program where, and what is in the way.
    pub(super) fn lookup_evidence(
        &self,
        image: &ImageContext<'_>,
        error: &LookupError,
    ) -> Vec<String> {
        let Start {
            by, called, words, ..
        } = &self.start;
        let runtime = image.runtime;
        let mut evidence = vec![match (by, self.start.role) {
            (StartedBy::Engine, Role::Command) => format!(
                "Entrypoint {} Cmd {}",
                json_list(&runtime.entrypoint),
                json_list(&runtime.cmd)
            ),
            (StartedBy::Engine, Role::Healthcheck) if image.container.is_some() => {
                format!("the health check's command {}", json_list(words))
            }
            (StartedBy::Engine, Role::Healthcheck) => {
                let check = runtime.healthcheck.as_ref();
                let test = check.map(|check| json_list(&check.test));
                format!("Healthcheck {}", test.unwrap_or_default())
            }
            (StartedBy::Kernel(script), _) => format!("#! line of {script}: {called:?}"),
            (StartedBy::Shell(line), _) => format!("the shell's line: {line}"),
            (StartedBy::Program(name), _) => format!("{name} starts {}", json_list(words)),
        }];
        evidence.push(error.why.clone());
        match (error.denied.is_none(), called.contains('/')) {
            (true, false) => evidence.push(format!("PATH={}", image.search_path())),
            (true, true) if !called.starts_with('/') => {
                let directory = runtime.working_dir.as_str();
                let directory = if directory.is_empty() {
                    "is not set: /"
                } else {
                    directory
                };
                evidence.push(format!("WORKDIR {directory}"));
            }
            _ => {}
        }
        evidence
    }
}
