//! Bases from the registry: with bytes to watch, and without waiting for one that is not
//! there.

use super::load::{remove_leftovers_if_free, remove_replaced};
use super::origin::BaseState;
use super::spec::Base;
use super::{Bases, OnProgress, Progress};
use engine::{Engine, ImageError, ImageFacts};
use policy::UserError;
use policy::image_name::ImageName;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a registry may take to say its first word. A name that does not resolve is
/// told at once by the engine; this is for networks that swallow packets.
const FIRST_SIGN: Duration = Duration::from_secs(8);

/// How long a registry that gave no answer is not asked again: not for each base anew, and
/// yet a laptop comes online without a restart.
const SILENCE: Duration = Duration::from_secs(60);

/// Progress is told no more often: the engine writes a line for every few kilobytes.
const PACE: Duration = Duration::from_millis(250);

impl Bases {
    /// Pulls `name` where the engine has none, or one that we rebuilt.
    ///
    /// # Errors
    ///
    /// There is no base of that name, its registry does not give it, or the engine refuses.
    pub async fn pull(
        &self,
        engine: &Engine,
        name: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<BaseState, UserError> {
        let base = self.base(name)?;
        let _lock = self.one_at_a_time.lock().await;
        let (state, there) = self.state(engine, base).await?;
        if state == BaseState::Published {
            // It may be the reader's own making, and no registry could give it back.
            return Ok(state);
        }
        self.pull_over(engine, base, there.as_ref(), on_progress)
            .await
            .map_err(|error| UserError {
                what: format!("{name} could not be pulled."),
                cause: cause(name, &error),
                next: "Where it is a Debian machine, rebuild it: playground bases rebuild".into(),
            })?;
        Ok(BaseState::Published)
    }

    /// One pull, also over a rebuilt image of ours, which it leaves no trace of. A registry
    /// found unreachable is not asked again for a while.
    pub(super) async fn pull_over(
        &self,
        engine: &Engine,
        base: &Base,
        rebuilt: Option<&ImageFacts>,
        on_progress: OnProgress<'_>,
    ) -> Result<(), ImageError> {
        let name = base.name.as_str();
        if let Some(said) = self.unreachable.recall(registry(name), Instant::now()) {
            return Err(ImageError::RegistryUnreachable(said));
        }
        on_progress(Progress::new(name, "asking the registry"));
        let report = |(current, total)| {
            on_progress(Progress {
                current,
                total: Some(total).filter(|total| *total > 0),
                ..Progress::new(name, "pulling")
            });
        };
        let pace = Mutex::new(Pace::default());
        let paced = || pace.lock().unwrap_or_else(PoisonError::into_inner);
        let pulled = engine
            .pull(name, FIRST_SIGN, &|pull| {
                if let Some(due) = paced().next((pull.current, pull.total), Instant::now()) {
                    report(due);
                }
            })
            .await;
        if let Some(last) = paced().last() {
            report(last);
        }
        match &pulled {
            Ok(()) => {
                remove_leftovers_if_free(engine).await;
                if let Some(rebuilt) = rebuilt {
                    remove_replaced(engine, name, &rebuilt.id).await;
                }
            }
            Err(ImageError::RegistryUnreachable(said)) => {
                self.unreachable
                    .note(registry(name), said.clone(), Instant::now());
            }
            Err(_) => {}
        }
        pulled
    }
}

/// Registries that gave no answer lately, and what the engine said.
#[derive(Debug, Default)]
pub(super) struct Unreachable(Mutex<HashMap<String, (String, Instant)>>);

impl Unreachable {
    fn note(&self, registry: &str, said: String, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(registry.to_owned(), (said, now));
    }

    fn recall(&self, registry: &str, now: Instant) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, since) = known.get(registry)?;
        (now.duration_since(*since) < SILENCE).then(|| said.clone())
    }
}

/// Lets through what is new, at a pace that a log can take.
#[derive(Debug, Default)]
struct Pace {
    told: Option<(Instant, (u64, u64))>,
    held_back: Option<(u64, u64)>,
}

impl Pace {
    /// The bytes, where it is time to tell them.
    fn next(&mut self, bytes: (u64, u64), now: Instant) -> Option<(u64, u64)> {
        let new = self.told.is_none_or(|(_, told)| told != bytes);
        let due = (self.told).is_none_or(|(since, _)| now.duration_since(since) >= PACE);
        self.held_back = (new && !due).then_some(bytes);
        (new && due).then(|| {
            self.told = Some((now, bytes));
            bytes
        })
    }

    /// What was last held back: nothing comes after it.
    fn last(&mut self) -> Option<(u64, u64)> {
        self.held_back.take()
    }
}

/// The registry that an image's name points to.
fn registry(name: &str) -> &str {
    ImageName::of(name).registry
}

fn cause(name: &str, error: &ImageError) -> String {
    let registry = registry(name);
    match error {
        ImageError::RegistryUnreachable(said) => {
            format!("The engine cannot reach the registry {registry}: {said}")
        }
        other => format!("The registry or the engine refused: {other}"),
    }
}

/// Neither way led to the base.
pub(super) fn neither(name: &str, pull: &ImageError, rebuild: UserError) -> UserError {
    UserError {
        what: format!("{name} is not there, and could be neither pulled nor rebuilt."),
        cause: format!("{} — {} {}", cause(name, pull), rebuild.what, rebuild.cause),
        next: rebuild.next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_host_is_the_default_registrys() {
        assert_eq!(registry("golang:1.23"), "docker.io");
        assert_eq!(registry("library/golang:1.23"), "docker.io");
        assert_eq!(
            registry("gcr.io/distroless/static-debian12:latest"),
            "gcr.io"
        );
        assert_eq!(registry("localhost:5000/golang:1.23"), "localhost:5000");
    }

    #[test]
    fn a_registry_that_was_unreachable_is_asked_again_after_a_minute() {
        let (unreachable, then) = (Unreachable::default(), Instant::now());
        unreachable.note("gcr.io", "no such host".into(), then);
        let after = |seconds| unreachable.recall("gcr.io", then + Duration::from_secs(seconds));
        assert_eq!(after(59).as_deref(), Some("no such host"));
        assert_eq!(after(60), None);
        assert_eq!(unreachable.recall("docker.io", then), None);
    }

    #[test]
    fn a_pull_tells_its_progress_four_times_a_second_and_the_last_of_it() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        // A line a millisecond for a second, as engines do.
        let lines = (0..=1000).map(|ms| (ms, (ms, 1000)));
        let mut told: Vec<u64> = lines
            .filter_map(|(ms, bytes)| pace.next(bytes, start + Duration::from_millis(ms)))
            .map(|bytes| bytes.0)
            .collect();
        assert_eq!(told, [0, 250, 500, 750, 1000]);
        pace.next((1001, 1001), start + Duration::from_millis(1001));
        told.extend(pace.last().map(|bytes| bytes.0));
        assert_eq!(told.last(), Some(&1001));
        let much_later = start + Duration::from_secs(9);
        assert_eq!(pace.next((1000, 1000), much_later), None, "nothing new");
        assert_eq!(pace.last(), None);
    }
}
