//! The engine without a book: for commands that an engineer runs anywhere, as in CI.
//!
//! Owns the choice: the engine that people have, else the private one if it was ever used.
//! Refuses to start a new one: an engine without any image helps nobody who names one.

use super::no_engine;
use engine::{Engine, PrivateEngine, discover};
use policy::UserError;
use std::path::Path;

/// An engine in use; call [`EngineSession::close`] before the process ends.
#[derive(Debug)]
pub struct EngineSession {
    engine: Engine,
    private: Option<PrivateEngine>,
}

impl EngineSession {
    /// Looks for an engine as [`AppState`](super::AppState) does; `data` is where a private one
    /// may be.
    ///
    /// # Errors
    /// None answers.
    pub async fn find(data: Option<&Path>) -> Result<EngineSession, UserError> {
        let none = match discover().await {
            Ok(engine) => {
                return Ok(EngineSession {
                    engine,
                    private: None,
                });
            }
            Err(none) => none,
        };
        let used = data.map(|data| data.join("engine"));
        let used = used.filter(|dir| !none.chosen && dir.is_dir());
        let why = match used {
            None => None,
            Some(dir) => match PrivateEngine::start(&dir).await {
                Ok(private) => {
                    return Ok(EngineSession {
                        engine: private.engine().clone(),
                        private: Some(private),
                    });
                }
                Err(why) => Some(why),
            },
        };
        Err(UserError {
            what: "No Docker engine answers, so its images cannot be read.".into(),
            cause: no_engine::cause(&none, why.as_ref()),
            next: format!(
                "{}; or name an archive, which needs none (`docker save -o image.tar IMAGE` \
                 where there is an engine)",
                no_engine::next(&none, "try again")
            ),
        })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Lets go of a private engine; the last one to use it stops it.
    pub async fn close(self) {
        if let Some(private) = self.private {
            private.stop().await;
        }
    }
}
