//! Bases from the registry: with bytes to watch, and without waiting for one that is not
//! there.

use super::{BaseState, Bases, OnProgress, Progress, engine_trouble, remove_nameless};
use crate::engine::{Engine, ImageError};
use crate::event::Trouble;
use std::time::Duration;

/// How long a registry may take to say its first word. A name that does not resolve is
/// told at once by the engine; this is for networks that swallow packets.
const FIRST_SIGN: Duration = Duration::from_secs(8);

impl Bases {
    /// Pulls `name`, also over a rebuilt image of ours.
    pub async fn pull(
        &self,
        engine: &Engine,
        name: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<BaseState, Trouble> {
        let base = self.base(name)?;
        let _turn = self.busy.lock().await;
        // Who asks by name wants to know how it is now, not how it was.
        self.forget(registry(name));
        let before = engine.image(name).await.map_err(engine_trouble)?;
        self.pull_base(engine, &base.name, on_progress)
            .await
            .map_err(|error| Trouble {
                what: format!("{name} could not be pulled."),
                cause: cause(name, &error),
                next: "Where it is a Debian machine, rebuild it: playground bases rebuild".into(),
            })?;
        if let Some(before) = before {
            remove_nameless(engine, &before.id).await;
        }
        Ok(BaseState::Published)
    }

    /// One pull; a registry found unreachable is not asked again by this process.
    pub(super) async fn pull_base(
        &self,
        engine: &Engine,
        name: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<(), ImageError> {
        if let Some(said) = self.known_unreachable(registry(name)) {
            return Err(ImageError::RegistryUnreachable(said));
        }
        let tell = |text: &str, current, total| {
            on_progress(Progress {
                base: name.into(),
                text: text.into(),
                current,
                total,
            });
        };
        tell("asking the registry", 0, None);
        let told = engine
            .pull(name, FIRST_SIGN, &|pull| {
                tell(
                    "pulling",
                    pull.current,
                    Some(pull.total).filter(|total| *total > 0),
                );
            })
            .await;
        if let Err(ImageError::RegistryUnreachable(said)) = &told
            && let Ok(mut unreachable) = self.unreachable.lock()
        {
            unreachable.insert(registry(name).to_string(), said.clone());
        }
        told
    }

    fn known_unreachable(&self, registry: &str) -> Option<String> {
        self.unreachable.lock().ok()?.get(registry).cloned()
    }

    fn forget(&self, registry: &str) {
        if let Ok(mut unreachable) = self.unreachable.lock() {
            unreachable.remove(registry);
        }
    }
}

/// The registry that an image's name points to.
fn registry(name: &str) -> &str {
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

fn cause(name: &str, error: &ImageError) -> String {
    match error {
        ImageError::RegistryUnreachable(said) => {
            format!(
                "The engine cannot reach the registry {}: {said}",
                registry(name)
            )
        }
        other => format!("The registry or the engine refused: {other}"),
    }
}

/// Neither way led to the base.
pub(super) fn neither(name: &str, pull: &ImageError, rebuild: Trouble) -> Trouble {
    Trouble {
        what: format!("{name} is not there, and could be neither pulled nor rebuilt."),
        cause: format!("{} — {} {}", cause(name, pull), rebuild.what, rebuild.cause),
        next: rebuild.next,
    }
}

#[cfg(test)]
mod tests {
    use super::registry;

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
}
