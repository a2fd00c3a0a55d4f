//! One build, whoever asks for it: the engine's builder told the events, its failure as evidence.
//!
//! A build that fails is a value; only what is not the Dockerfile's fault is an error.

use super::prepare::Prepared;
use super::site::Site;
use super::steps::OpenSteps;
use super::{Evidence, RunLog};
use crate::bases::modules::Carried;
use crate::event::{Event, Phase, StepError, StepFinished, StepLog, StepStatus};
use analysis::dockerfile;
use bytes::Bytes;
use catalog::Outcome;
use engine::{BuildError, BuildEvent, BuildNetwork, BuildRequest, Patience, Stall};
use policy::UserError;
use policy::limits::MAX_OUTPUT_BYTES;
use std::collections::HashMap;
use std::time::Duration;

/// How long a build may take, and how long it may say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// One of the book's: stage 1 on two busy cores takes about one minute.
    Known,
    /// Somebody else's: nobody knows how much there is to compile, and a compiler says nothing while
    /// it works.
    Unknown,
}

impl Pace {
    fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Pace::Known => 15 * 60,
            Pace::Unknown => 30 * 60,
        })
    }

    /// Where a command may compute for as long as the build may take, its silence says nothing.
    fn patience(self) -> Patience {
        let book = Patience::default();
        match self {
            Pace::Known => book,
            Pace::Unknown => Patience {
                command: self.limit(),
                ..book
            },
        }
    }
}

/// What is to be built.
pub(crate) struct Build<'a> {
    /// The Dockerfile, as people know it.
    pub(crate) dockerfile: String,
    /// The context as a tar, with this text as its Dockerfile.
    pub(crate) context: &'a (dyn Fn(&str) -> Bytes + Send + Sync),
    /// The image's name, which goes with the clean-up.
    pub(crate) tag: &'a str,
    /// Put before the ids of its steps.
    pub(crate) prefix: &'a str,
    /// Whose cache directories its commands fill: see [`BuildRequest::cache_namespace`].
    pub(crate) cache_namespace: Option<String>,
    /// The images that its commands find their downloads in; none where they use a network.
    pub(crate) carried: Carried,
    /// Whether the builder is to do without its cache.
    pub(crate) no_cache: bool,
    /// What its commands can reach.
    pub(crate) network: BuildNetwork,
    /// How long it may take.
    pub(crate) pace: Pace,
}

impl Build<'_> {
    /// Builds; the inner error is the Dockerfile's, as evidence.
    ///
    /// # Errors
    /// The engine cannot build, its disk is full, or the build stood still.
    pub(crate) async fn carry_out(
        &self,
        site: &Site<'_>,
        prepared: &Prepared,
    ) -> Result<Result<String, Evidence>, UserError> {
        let tag = self.tag;
        site.cleanup.image(tag);
        let sent = self.carried.shown_to(&self.dockerfile);
        let sent = dockerfile::substitute_bases(&sent, &prepared.substitutes);
        let request = BuildRequest {
            context: (self.context)(&sent),
            dockerfile: self.dockerfile.clone(),
            tag: tag.to_owned(),
            aliases: prepared.aliases(),
            labels: vec![(engine::LABEL.to_owned(), "lab".to_owned())],
            cache_namespace: self.cache_namespace.clone(),
            no_cache: self.no_cache,
            network: self.network,
            prefix: format!("{}b", self.prefix),
            limit: self.pace.limit(),
            patience: self.pace.patience(),
            stopped: site.cleanup.stopped_builds(),
        };
        // Stop drops this future in the middle: the steps that run are ended all the same.
        let open = OpenSteps::new(site.log.clone());
        let mut words = Words::default();
        let log = site.log.clone();
        let mut on = |event: BuildEvent| {
            let event = Event::from(event);
            open.follow(&event);
            words.hear(&event);
            log.push(event);
        };
        let mut built = site.engine.build(&request, &mut on).await;
        // Another run's clean-up may have taken away the last name of the very same image, and the
        // image with it. The builder remembers.
        for _ in 0..4 {
            let gone = built.is_ok() && matches!(site.engine.has_kept(tag).await, Ok(false));
            if !gone {
                break;
            }
            built = site.engine.build(&request, &mut on).await;
        }
        match built {
            Ok(built) => Ok(Ok(built.image)),
            Err(BuildError::Failed(error)) => {
                if words.failed.is_none() {
                    // The builder failed before its first step: it could not read the file.
                    unreadable_dockerfile(site.log, self.prefix, &error);
                }
                if engine::is_disk_full(&error.message) {
                    return Err(disk_full(&error.message));
                }
                Ok(Err(Evidence {
                    outcome: Some(Outcome::BuildFails),
                    builder: format!("{}\n{}", error.message, words.of_failed()),
                    ..Evidence::default()
                }))
            }
            Err(error @ BuildError::TooLong(_)) => Ok(Err(Evidence {
                outcome: Some(Outcome::BuildFails),
                builder: error.to_string(),
                remark: Some("over its time limit".into()),
                too_long: true,
                ..Evidence::default()
            })),
            // Neither the learner's fault nor a declared end: where a lab waits, it is for a network.
            Err(BuildError::Stalled(stall)) => Err(stood_still(&stall)),
            Err(error @ BuildError::Engine(_)) => Err(UserError {
                what: error.to_string(),
                cause: "the engine was stopped, or its builder does not work".into(),
                next: "check that `docker version` answers, then press Run again".into(),
            }),
        }
    }
}

/// What the steps of a build say.
#[derive(Default)]
struct Words {
    by_step: HashMap<String, String>,
    /// The step that failed last.
    failed: Option<String>,
}

impl Words {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::StepLog(StepLog { step, text, .. }) => {
                let kept = self.by_step.entry(step.clone()).or_default();
                if kept.len() < MAX_OUTPUT_BYTES {
                    kept.push_str(text);
                }
            }
            Event::StepFinished(StepFinished {
                step,
                status: StepStatus::Failed,
                ..
            }) => self.failed = Some(step.clone()),
            _ => {}
        }
    }

    /// Those of the step that failed. To be asked when all is over: the builder may tell that a step
    /// has failed before its last words have come.
    fn of_failed(&self) -> &str {
        let said = self.failed.as_ref().and_then(|step| self.by_step.get(step));
        said.map_or("", String::as_str)
    }
}

fn stood_still(stall: &Stall) -> UserError {
    let next = if stall.step.is_none() && stall.ended {
        "see with `docker system df` how large the engine's build cache is: a large one takes it \
         minutes to look through, and `docker builder prune` empties it; then press Run again"
    } else if stall.download || stall.step.is_none() {
        "see that this machine reaches what it downloads from (a proxy, `GOPROXY`, a VPN), then \
         press Run again: what has come already is kept"
    } else {
        "see that the command ends by itself and that the network answers, then press Run again"
    };
    UserError {
        what: format!("The build stood still: {stall}."),
        cause: format!("it was waiting for {}", stall.waited_for()),
        next: next.into(),
    }
}

/// A step for what no step tells: a Dockerfile that the builder cannot read.
fn unreadable_dockerfile(log: &RunLog, prefix: &str, error: &StepError) {
    let step = format!("{prefix}read");
    log.push(Event::StepStarted {
        step: step.clone(),
        phase: Phase::Build,
        title: "reading the Dockerfile".into(),
    });
    log.push(Event::StepFinished(StepFinished {
        step,
        status: StepStatus::Failed,
        ms: 0,
        error: Some(error.clone()),
    }));
}

/// A full disk looks like a failed step, but no edit of the Dockerfile will mend it.
fn disk_full(message: &str) -> UserError {
    UserError {
        what: format!("The engine's disk is full: {message}"),
        cause: "images and build cache have filled the disk that the engine keeps them on".into(),
        next: "see what takes the room with `docker system df`, free some with \
               `docker builder prune`, then press Run again"
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Stream;

    #[test]
    fn a_stranger_s_compiler_may_say_nothing_for_as_long_as_it_may_work() {
        let (book, strange) = (Pace::Known, Pace::Unknown);
        assert!(book.patience().command < book.limit());
        assert!(strange.limit() > book.limit());
        assert_eq!(strange.patience().command, strange.limit());
        // A download that stands still is none the better for that.
        assert_eq!(strange.patience().download, book.patience().download);
    }

    #[test]
    fn last_words_count_that_come_behind_the_news_that_their_step_has_failed() {
        let log = |step: &str, text: &str| {
            Event::StepLog(StepLog {
                step: step.into(),
                stream: Stream::Stderr,
                text: text.into(),
            })
        };
        let failed = Event::StepFinished(StepFinished {
            step: "b02".into(),
            status: StepStatus::Failed,
            ms: 3,
            error: None,
        });
        let mut words = Words::default();
        assert_eq!(words.of_failed(), "");
        for event in [
            log("b01", "another\n"),
            log("b02", "one\n"),
            failed,
            log("b02", "two\n"),
        ] {
            words.hear(&event);
        }
        assert_eq!(words.of_failed(), "one\ntwo\n");
    }
}
