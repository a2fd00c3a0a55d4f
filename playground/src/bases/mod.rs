//! The images that Dockerfiles start from: there, pulled, or rebuilt without a registry.
//!
//! Owns the order in which a base is come by: there (`origin` says whose it is), from the
//! registry (`pull`), rebuilt (`rebuild`, `load`), out of a kit (`adopt`); a rebuilt one never replaces a published
//! one. How layers are made is the recipe's business (`playground/bases/rebuild.sh`); how an
//! engine is reached is [`engine`]'s.

mod adopt;
pub(crate) mod archive;
mod cache;
mod load;
pub mod modules;
mod origin;
mod packages;
mod pull;
mod rebuild;
mod recipe;
mod spec;
mod status;
mod trust;
mod wheels;

pub use adopt::recipe;
pub use origin::{BASE_LABEL, BaseState, RECIPE_LABEL};
pub use status::BaseStatus;
pub use trust::{TRUST_LABEL, trusted, trusting};

use analysis::dockerfile::{dockerfile_bases, substitute_images};
use engine::Engine;
use origin::{State, state_of};
use policy::UserError;
use policy::image_name::is_same_image;
use policy::sanitize::shown;
use spec::{Base, Spec};

/// One moment of getting a base ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The base's name, or several.
    pub base: String,
    /// What is being done.
    pub text: String,
    /// So far, in bytes, where bytes are counted.
    pub current: u64,
    /// In all, where known.
    pub total: Option<u64>,
}

impl Progress {
    /// A moment at which no bytes are counted.
    fn new(base: &str, text: &str) -> Progress {
        Progress {
            base: base.to_owned(),
            text: text.to_owned(),
            current: 0,
            total: None,
        }
    }
}

/// Where progress goes.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// All bases of the book, and what was learnt lately about registries.
#[derive(Debug)]
pub struct Bases {
    spec: Spec,
    unreachable: pull::Unreachable,
    /// One base is come by at a time: they share layers, and the network.
    one_at_a_time: tokio::sync::Mutex<()>,
}

impl Bases {
    /// The bases that the binary carries; `EMPTY_ROOM_GO_VERSION` may ask for another Go.
    ///
    /// # Errors
    ///
    /// `EMPTY_ROOM_GO_VERSION` is no version of Go.
    pub fn load() -> Result<Bases, UserError> {
        let asked = std::env::var("EMPTY_ROOM_GO_VERSION").unwrap_or_default();
        Bases::parse(spec::EMBEDDED, Some(&*asked).filter(|go| !go.is_empty()))
    }

    /// Bases from a text like that of `bases.toml`, made of the same layers.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, each with its line.
    pub fn parse(text: &str, go_version: Option<&str>) -> Result<Bases, UserError> {
        let spec = Spec::parse(text, go_version).map_err(|problems| UserError {
            what: "The list of bases cannot be used.".into(),
            cause: problems.join("; "),
            next: "Mend playground/bases/bases.toml (or EMPTY_ROOM_GO_VERSION) and build again."
                .into(),
        })?;
        Ok(Bases {
            spec,
            unreachable: pull::Unreachable::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
        })
    }

    /// The newest Go that there are bases of, as `--go` and tags have it: 1.27.
    pub fn newest_go(&self) -> &str {
        &self.spec.newest
    }

    /// A Dockerfile with the newest Go's bases in place of those it names, line for line.
    pub fn dockerfile_with_newest_go(&self, text: &str) -> String {
        let named = dockerfile_bases(text).into_iter();
        let newest = named.map(|name| {
            let newest = self.with_newest_go(&name).to_owned();
            (name, newest)
        });
        substitute_images(text, &newest.collect())
    }

    /// The base that takes the place of `name` where the newest Go is asked for.
    pub fn with_newest_go<'b>(&'b self, name: &'b str) -> &'b str {
        let mut newest = self.spec.newest_for.iter();
        let found = newest.find(|(of, _)| is_same_image(of, name));
        found.map_or(name, |(_, newest)| newest.as_str())
    }

    /// Whether Dockerfiles mean one of these by `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.called(name).is_some()
    }

    /// The base that a Dockerfile means by `name`, as we write it. With a digest it is none: a
    /// rebuilt base has another one than the published.
    pub fn called(&self, name: &str) -> Option<&str> {
        self.names().find(|known| is_same_image(known, name))
    }

    /// Names of all bases, as Dockerfiles write them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.spec.bases.iter().map(|base| base.name.as_str())
    }

    /// Sees to it that the engine has `name`: as it is, else from the registry, else
    /// rebuilt. Dropping the future stops all of it.
    ///
    /// # Errors
    ///
    /// There is no base of that name, or neither way led to it.
    pub async fn ensure(
        &self,
        engine: &Engine,
        name: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<BaseState, UserError> {
        let base = self.base(name)?;
        match self.state(engine, base).await?.0 {
            BaseState::Missing => {}
            there => return Ok(there),
        }
        let _lock = self.one_at_a_time.lock().await;
        // Whoever had the lock before may have seen to it.
        let (state, stale) = self.state(engine, base).await?;
        if state != BaseState::Missing {
            return Ok(state);
        }
        let pulled = self.pull_over(engine, base, stale.as_ref(), on_progress);
        let Err(refused) = pulled.await else {
            return Ok(BaseState::Published);
        };
        match self.rebuild_bases(engine, &[base], on_progress).await {
            Ok(()) => Ok(self.state(engine, base).await?.0),
            Err(_) if stale.is_some() => {
                let text = "kept an older rebuilt image: neither pull nor rebuild worked";
                on_progress(Progress::new(&base.name, text));
                Ok(BaseState::Rebuilt)
            }
            Err(error) => Err(pull::neither(&base.name, &refused, error)),
        }
    }

    fn base(&self, name: &str) -> Result<&Base, UserError> {
        let found = self.spec.bases.iter().find(|base| base.name == name);
        let names = || self.names().collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| UserError {
            what: format!("{} is not one of the book's bases.", shown(name)),
            cause: "The name is misspelt, or a lab asks for a base that has no recipe.".into(),
            next: format!("Use one of: {}", names()),
        })
    }

    async fn state(&self, engine: &Engine, base: &Base) -> Result<State, UserError> {
        state_of(engine, &base.name, &recipe_of(base)).await
    }
}

/// Names what a rebuilt image is made by and of.
fn recipe_of(base: &Base) -> String {
    format!("{}-go{}", cache::recipe_key(), base.go)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_known_by_each_of_its_names_and_by_no_digest() {
        let bases = Bases::parse(spec::EMBEDDED, None).expect("the bases");
        for name in [
            "golang:1.23",
            "docker.io/library/golang:1.23",
            "index.docker.io/library/golang:1.23",
        ] {
            assert_eq!(bases.called(name), Some("golang:1.23"), "{name}");
        }
        let distroless = "gcr.io/distroless/static-debian12";
        assert!(bases.knows(distroless) && bases.knows(&format!("{distroless}:latest")));
        for foreign in [
            "golang",
            "quay.io/library/golang:1.23",
            "localhost/golang:1.23",
            "golang:1.23@sha256:00",
        ] {
            assert_eq!(bases.called(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_newest_go_stands_in_whatever_its_base_is_called() {
        let bases = Bases::parse(spec::EMBEDDED, None).expect("the bases");
        let newest = bases.with_newest_go("golang:1.23").to_owned();
        assert_ne!(newest, "golang:1.23");
        let text =
            "FROM docker.io/library/golang:1.23 AS b\nFROM scratch\nCOPY --from=golang:1.23 /a /\n";
        assert_eq!(
            bases.dockerfile_with_newest_go(text),
            format!("FROM {newest} AS b\nFROM scratch\nCOPY --from={newest} /a /\n")
        );
    }
}
