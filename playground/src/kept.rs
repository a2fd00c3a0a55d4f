//! Images of runs that stay on the engine for the next click: the same files, the same image.
//!
//! Owns which are kept and when they go. A kept image bears the name that its run gave it, which
//! says whose it is: it goes with our end, and after a kill with the next start. Refuses to know
//! how images are built and run.

use crate::bases::BaseState;
use crate::bases::modules::Carried;
use crate::event::{Event, Phase, StepFinished, StepStatus};
use engine::{Engine, ImageError, Object};
use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Images kept on an engine: a museum's worth of a sitting, most of them a few megabytes.
const MAX_KEPT: usize = 16;
/// The step that stands in place of the sending of the context.
const HAS_IT: &str = "the engine still has the image of exactly these files: nothing is built";

/// Names an image by all that decides about its build, but for the images that it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key([u8; 32]);

/// What decides about a build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decisive<'a> {
    /// The files, as a tar; equal ones make equal tars.
    pub(crate) context: &'a [u8],
    /// The Dockerfile with the Go that is asked for.
    pub(crate) dockerfile: &'a str,
    /// Whose cache directories its commands see; see [`engine::BuildRequest::cache_namespace`].
    pub(crate) cache_namespace: Option<&'a str>,
    /// The engine's address, version and CPU.
    pub(crate) engine: [&'a str; 3],
}

impl Key {
    pub(crate) fn of(decisive: &Decisive<'_>) -> Key {
        let [address, version, arch] = decisive.engine;
        let mut hash = Sha256::new();
        for part in [
            decisive.context,
            decisive.dockerfile.as_bytes(),
            // A namespace is never empty.
            decisive.cache_namespace.unwrap_or_default().as_bytes(),
            address.as_bytes(),
            version.as_bytes(),
            arch.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Key(hash.finalize().into())
    }
}

/// The ids of images by name, as the engine has them; none for one that it lacks.
pub(crate) type Seen = BTreeMap<String, Option<String>>;

/// Asks the engine for the ids of these images, at once.
///
/// # Errors
/// It does not answer.
pub(crate) async fn see(engine: &Engine, names: &[String]) -> Result<Seen, ImageError> {
    let ids = names.iter().map(|name| engine.image_id(name));
    let ids = try_join_all(ids).await?;
    Ok(names.iter().cloned().zip(ids).collect())
}

/// An image that stays, and what its next run needs to know of its build.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) key: Key,
    /// The address of the engine that has it.
    pub(crate) address: String,
    /// Its name, by which it is removed.
    pub(crate) tag: String,
    /// As its build named it.
    pub(crate) image: String,
    /// The id behind the name.
    pub(crate) id: String,
    /// What it stands on, as it was before and after the build.
    pub(crate) seen: Seen,
    /// Whose edits are in it, in a class.
    pub(crate) tenant: Option<String>,
    /// The images that its bases' names stand for.
    pub(crate) substitutes: HashMap<String, String>,
    pub(crate) carried: Carried,
    pub(crate) base: Option<BaseState>,
    /// What is told of its build from now on; see [`as_cached`].
    pub(crate) told: Vec<Event>,
}

/// The images that one process keeps.
#[derive(Debug, Default)]
pub(crate) struct KeptImages(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Least lately used first.
    live: Vec<Arc<Kept>>,
    /// No run gets these any more; they go as soon as none uses them.
    retired: Vec<Arc<Kept>>,
}

impl Inner {
    fn retire(&mut self, which: impl Fn(&Kept) -> bool) {
        self.retired
            .extend(self.live.extract_if(.., |kept| which(kept)));
    }
}

impl KeptImages {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The image of this key; it stays while the answer is held.
    pub(crate) fn find(&self, key: Key) -> Option<Arc<Kept>> {
        let live = &mut self.inner().live;
        let at = live.iter().position(|kept| kept.key == key)?;
        let kept = live.remove(at);
        live.push(kept.clone());
        Some(kept)
    }

    /// Keeps an image from now on, in place of the least lately used. Whether it is: of two that
    /// were built at the same time, the first stays.
    pub(crate) fn keep(&self, kept: Kept) -> bool {
        let inner = &mut *self.inner();
        if inner.live.iter().any(|there| there.key == kept.key) {
            return false;
        }
        let here = |there: &Kept| there.address == kept.address;
        let full = inner.live.iter().filter(|there| here(there)).count() >= MAX_KEPT;
        if let Some(oldest) = inner.live.iter().position(|there| here(there))
            && full
        {
            let oldest = inner.live.remove(oldest);
            inner.retired.push(oldest);
        }
        inner.live.push(Arc::new(kept));
        true
    }

    /// No run gets this one any more.
    pub(crate) fn retire(&self, kept: &Kept) {
        self.inner().retire(|there| there.tag == kept.tag);
    }

    /// No run gets what is made of this tenant's edits any more.
    pub(crate) fn retire_of(&self, tenant: &str) {
        let of = |kept: &Kept| kept.tenant.as_deref() == Some(tenant);
        self.inner().retire(of);
    }

    /// Those at this engine's address that are to go and that no run uses, for whoever removes
    /// them now.
    pub(crate) fn take_idle(&self, address: &str) -> Vec<Object> {
        let idle = |kept: &mut Arc<Kept>| {
            // Only `find` gives out more of them, and only of those that live.
            Arc::strong_count(kept) == 1 && kept.address == address
        };
        let inner = &mut *self.inner();
        let idle = inner.retired.extract_if(.., idle);
        idle.map(|kept| Object::Image(kept.tag.clone())).collect()
    }

    /// No run gets any of them any more.
    pub(crate) fn retire_all(&self) {
        self.inner().retire(|_| true);
    }

    /// Their names.
    pub(crate) fn names(&self) -> Vec<String> {
        let inner = self.inner();
        let all = inner.live.iter().chain(&inner.retired);
        all.map(|kept| kept.tag.clone()).collect()
    }
}

/// What a build told, as it is told again where nothing has to be built: its steps without their
/// words, and what the builder remarks on the Dockerfile. `context` is the step that sent it.
pub(crate) fn as_cached(told: impl IntoIterator<Item = Event>, context: &str) -> Vec<Event> {
    let started = |step: &str, title: &str| Event::StepStarted {
        step: step.to_owned(),
        phase: Phase::Build,
        title: title.to_owned(),
    };
    let cached = |step: &str| {
        Event::StepFinished(StepFinished {
            step: step.to_owned(),
            status: StepStatus::Cached,
            ms: 0,
            error: None,
        })
    };
    let mut again = vec![started(context, HAS_IT), cached(context)];
    // A build that was begun anew has told its steps twice.
    let mut seen = BTreeSet::from([context.to_owned()]);
    for event in told {
        match event {
            Event::StepStarted {
                step,
                phase: Phase::Build,
                title,
            } if seen.insert(step.clone()) => {
                again.extend([started(&step, &title), cached(&step)]);
            }
            Event::Remark(remark) => again.push(Event::Remark(remark)),
            _ => {}
        }
    }
    again
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::BuildRemark;

    const PLAIN: Decisive<'static> = Decisive {
        context: b"tar",
        dockerfile: "FROM scratch\n",
        cache_namespace: None,
        engine: ["unix:///a", "20.10", "amd64"],
    };

    #[test]
    fn whatever_decides_about_a_build_makes_another_key() {
        let key = Key::of(&PLAIN);
        assert_eq!(key, Key::of(&PLAIN));
        let others = [
            Decisive {
                context: b"tax",
                ..PLAIN
            },
            Decisive {
                dockerfile: "FROM alpine\n",
                ..PLAIN
            },
            Decisive {
                cache_namespace: Some("ada"),
                ..PLAIN
            },
            Decisive {
                engine: ["unix:///b", "20.10", "amd64"],
                ..PLAIN
            },
            Decisive {
                engine: ["unix:///a", "29.1", "amd64"],
                ..PLAIN
            },
            Decisive {
                engine: ["unix:///a", "20.10", "arm64"],
                ..PLAIN
            },
            // Nothing passes from one part into the next.
            Decisive {
                context: b"tarF",
                dockerfile: "ROM scratch\n",
                ..PLAIN
            },
        ];
        for other in others {
            assert_ne!(key, Key::of(&other), "{other:?}");
        }
    }

    fn kept(context: &str) -> Kept {
        let context = context.as_bytes();
        Kept {
            key: Key::of(&Decisive { context, ..PLAIN }),
            address: "unix:///a".into(),
            tag: format!("empty-room/run:{}", String::from_utf8_lossy(context)),
            image: String::new(),
            id: String::new(),
            seen: Seen::new(),
            tenant: None,
            substitutes: HashMap::new(),
            carried: Carried::default(),
            base: None,
            told: Vec::new(),
        }
    }

    fn images(tags: &[&str]) -> Vec<Object> {
        let tags = tags.iter();
        tags.map(|tag| Object::Image(format!("empty-room/run:{tag}")))
            .collect()
    }

    #[test]
    fn the_least_lately_used_goes_and_none_that_is_in_use() {
        let all = KeptImages::default();
        let name = |n: usize| format!("{n}");
        for n in 0..MAX_KEPT {
            assert!(all.keep(kept(&name(n))));
        }
        assert_eq!(all.take_idle("unix:///a"), []);
        let used = all.find(kept("1").key).expect("kept");
        assert!(all.find(kept("0").key).is_some(), "used later than 1 was");
        assert!(all.keep(kept("x")));
        assert_eq!(all.take_idle("unix:///a"), images(&["2"]));
        for n in 3..MAX_KEPT {
            assert!(all.keep(kept(&format!("y{n}"))));
        }
        assert!(all.keep(kept("z")));
        assert!(all.find(kept("1").key).is_none(), "it is to go");
        let gone = all.take_idle("unix:///a");
        assert!(!gone.contains(&images(&["1"])[0]), "a run uses it");
        drop(used);
        assert_eq!(all.take_idle("unix:///b"), [], "that is another engine");
        assert_eq!(all.take_idle("unix:///a"), images(&["1"]));
        assert_eq!(all.names().len(), MAX_KEPT);
    }

    #[test]
    fn of_two_that_were_built_at_once_the_first_stays() {
        let all = KeptImages::default();
        assert!(all.keep(kept("a")));
        let second = Kept {
            tag: "second".into(),
            ..kept("a")
        };
        assert!(!all.keep(second));
        assert_eq!(all.names(), ["empty-room/run:a"]);
    }

    #[test]
    fn what_is_a_tenants_goes_with_the_tenant() {
        let all = KeptImages::default();
        let tenant = Some("ada".to_owned());
        all.keep(Kept {
            tenant,
            ..kept("hers")
        });
        all.keep(kept("everybodys"));
        all.retire_of("bo");
        assert_eq!(all.take_idle("unix:///a"), []);
        all.retire_of("ada");
        assert_eq!(all.take_idle("unix:///a"), images(&["hers"]));
        all.retire_all();
        assert_eq!(all.take_idle("unix:///a"), images(&["everybodys"]));
        assert!(all.names().is_empty());
    }

    #[test]
    fn a_build_that_is_told_again_says_that_nothing_is_built() {
        let started = |step: &str, phase| Event::StepStarted {
            step: step.into(),
            phase,
            title: format!("title of {step}"),
        };
        let remark = Event::Remark(BuildRemark {
            rule: "StageNameCasing".into(),
            what: "w".into(),
            url: None,
            line: None,
        });
        let told = [
            started("base:x", Phase::Prepare),
            started("b00", Phase::Build),
            started("b01", Phase::Build),
            started("b01", Phase::Build),
            Event::notice("n"),
            remark,
        ];
        let again = as_cached(told, "b00");
        let words: Vec<String> = again
            .iter()
            .map(|event| match event {
                Event::StepStarted { title, .. } => title.clone(),
                Event::StepFinished(StepFinished { step, status, .. }) => {
                    format!("{step} {status:?}")
                }
                Event::Remark(remark) => remark.rule.clone(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            words,
            [
                HAS_IT,
                "b00 Cached",
                "title of b01",
                "b01 Cached",
                "StageNameCasing"
            ]
        );
    }
}
