//! The engine in use, and how one is found where there is none.
//!
//! Owns the order (the reader's own, then a private one), the sweep on first contact and the
//! pause after a private engine that would not start. Refuses to know who asks.

use super::no_engine;
use engine::{Engine, Owner, PrivateEngine, PrivateError};
use policy::UserError;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is known of the engine: one at most is in use.
#[derive(Debug, Default)]
pub(super) struct EngineSlot {
    /// The one in use, while it answers.
    pub(super) engine: Option<Engine>,
    /// Ours, where we have started or joined one.
    pub(super) private: Option<PrivateEngine>,
    /// When a private engine failed to start, and how.
    failed: Option<(Instant, PrivateError)>,
}

/// A private engine that failed to start is not tried again before this: pages ask for the
/// status every few seconds, and a start may take a minute to fail.
const BACK_OFF: Duration = Duration::from_secs(30);

impl EngineSlot {
    /// With an engine that is already connected.
    pub(super) fn of(engine: Engine) -> EngineSlot {
        EngineSlot {
            engine: Some(engine),
            ..EngineSlot::default()
        }
    }

    /// Looks for an engine: the reader's own, else a private one below `dir`.
    ///
    /// # Errors
    /// For people: none answers, and why.
    pub(super) async fn find(&mut self, dir: &Path, owner: &Owner) -> Result<Engine, UserError> {
        let engine = match engine::discover().await {
            Ok(engine) => engine,
            Err(none) if none.chosen => return Err(no_engine::error(&none, None)),
            Err(none) => match self.find_private(dir).await {
                Ok(engine) => engine,
                Err(why) => return Err(no_engine::error(&none, Some(&why))),
            },
        };
        let swept = engine.sweep(owner).await;
        for left in &swept.not_removed {
            log::warn!("could not sweep {left}");
        }
        if swept != engine::Swept::default() {
            log::info!("swept what a killed playground left behind: {swept:?}");
        }
        self.engine = Some(engine.clone());
        Ok(engine)
    }

    async fn find_private(&mut self, dir: &Path) -> Result<Engine, PrivateError> {
        if let Some(mut private) = self.private.take() {
            if !private.is_over() {
                // It is only busy: runs may still be on it, and a second one would not start.
                let private = self.private.insert(private);
                return match private.engine().is_reachable().await {
                    true => Ok(private.engine().clone()),
                    false => Err(PrivateError::Failed(
                        "the playground's own engine runs but does not answer".into(),
                    )),
                };
            }
            private.stop().await;
        }
        if let Some((when, why)) = &self.failed
            && when.elapsed() < BACK_OFF
        {
            return Err(why.clone());
        }
        match PrivateEngine::start(dir).await {
            Ok(private) => {
                self.failed = None;
                Ok(self.private.insert(private).engine().clone())
            }
            Err(why) => {
                if matches!(why, PrivateError::Failed(_)) {
                    self.failed = Some((Instant::now(), why.clone()));
                }
                Err(why)
            }
        }
    }
}
