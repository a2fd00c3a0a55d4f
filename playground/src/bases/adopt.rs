//! Bases that come ready-made, out of a kit: onto the engine by the same rule as rebuilt ones.

use super::load::{self, LoadingLock, Named};
use super::recipe::cache_error;
use super::{BaseState, Bases, cache, recipe_of};
use bytes::Bytes;
use engine::Engine;
use futures_util::Stream;
use policy::UserError;
use std::io;

/// Names the recipe that rebuilt bases are made by.
#[must_use]
pub fn recipe() -> String {
    cache::recipe_key()
}

impl Bases {
    /// Where `name` stands on an engine.
    ///
    /// # Errors
    ///
    /// There is no base of that name, or the engine does not answer.
    pub async fn state_on(&self, engine: &Engine, name: &str) -> Result<BaseState, UserError> {
        Ok(self.state(engine, self.base(name)?).await?.0)
    }

    /// The name under which a base must stand in an archive that is to be adopted.
    #[must_use]
    pub fn loaded_name(name: &str) -> String {
        load::loaded_name(name)
    }

    /// Loads an archive that holds these bases, each under its [`Bases::loaded_name`], and gives
    /// them their names where those are free. It is loaded to its end, whoever waits.
    ///
    /// # Errors
    ///
    /// There is no base of one of the names, the archive breaks off, or the engine refuses.
    pub async fn adopt(
        &self,
        engine: &Engine,
        names: &[String],
        archive: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), UserError> {
        let _lock = self.one_at_a_time.lock().await;
        let mut named = Vec::new();
        for name in names {
            let base = self.base(name)?;
            named.push(Named {
                base: name.clone(),
                loaded: load::loaded_name(name),
                recipe: recipe_of(base),
            });
        }
        let lock = LoadingLock::wait()
            .await
            .map_err(|error| cache_error(&error))?;
        load::remove_leftovers(engine, &lock).await;
        let loading = load::load_and_name(engine, archive, named, lock);
        let loaded = loading.await;
        loaded.unwrap_or_else(|broken| Err(cache_error(&broken.into())))
    }
}
