//! The archive of an image, streamed from the engine to a reader in a thread of its own, without
//! a copy on any disk.
//!
//! Owns the bridge between the engine's async stream and sync readers, and what can go wrong on
//! it. Refuses to know what is read.

use crate::blocking_reader::BlockingReader;
use crate::{Engine, ImageError, ImageFacts};
use analysis::image::ReadError;
use futures_util::StreamExt;
use policy::UserError;
use policy::suggest::nearest;
use std::error::Error;
use std::io::{self, Read};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// Names that are offered where one is not known.
const MAX_NEAR: usize = 5;

/// Why an image of the engine could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageReadError {
    /// What was asked for cannot be a name or an id.
    #[error("it is no image's name or id")]
    NotAReference,
    /// The engine has no such image.
    #[error("it is gone")]
    NoSuchImage {
        /// Names that it has and that may have been meant, the likeliest first.
        near: Vec<String>,
        /// Whether it has any image with a name.
        has_others: bool,
    },
    /// The engine did not answer, or refused.
    #[error("{0}")]
    Refused(#[from] ImageError),
    /// The thread that read it ended in the middle.
    #[error("{0}")]
    BrokenOff(#[source] Box<dyn Error + Send + Sync>),
    /// What the engine sent could not be read.
    #[error("{}", in_short(.0))]
    Unreadable(#[source] ReadError),
}

impl ImageReadError {
    /// For people: why the image that they called `name` could not be read.
    pub fn user_error(&self, name: &str) -> UserError {
        match self {
            ImageReadError::NotAReference if name.contains("://") => {
                let bare = name.rsplit("://").next().filter(|bare| is_reference(bare));
                UserError {
                    what: format!("{name:?} is no image's name or id"),
                    cause: "the names of an engine's images begin with no scheme".into(),
                    next: match bare {
                        Some(bare) => format!("write it as {bare}, if the engine has it"),
                        None => "write it without what stands before ://; `docker image ls` lists \
                                 what there is"
                            .into(),
                    },
                }
            }
            ImageReadError::NoSuchImage { .. } if transport(name).is_some() => {
                let (how, bare) = transport(name).unwrap_or_default();
                UserError {
                    what: format!("The engine has no image {name}"),
                    cause: format!("{how}: is how other tools say where an image lies"),
                    next: match how {
                        "docker-daemon" | "containers-storage" => {
                            format!("write it as {bare}, if the engine has it")
                        }
                        _ => format!("name the file or directory itself: ./{bare}"),
                    },
                }
            }
            ImageReadError::NotAReference => UserError {
                what: format!("{name:?} is no image's name or id"),
                cause: "names are made of small letters, digits and . _ - / : @, and only a tag \
                        has capitals"
                    .into(),
                next: "`docker image ls` lists what there is".into(),
            },
            ImageReadError::NoSuchImage { near, has_others } => UserError {
                what: format!("The engine has no image {name}"),
                cause: match (near.as_slice(), has_others) {
                    ([], false) => "it has no image with a name at all".into(),
                    ([], true) => "it was not built or pulled here, or has another name".into(),
                    (near, _) => format!("it has {}", near.join(", ")),
                },
                next: match near.first() {
                    Some(near) => {
                        format!("name one that is there ({near}), or `docker pull {name}` first")
                    }
                    None => format!("`docker pull {name}` or `docker build -t {name} .` first"),
                },
            },
            ImageReadError::Refused(why) => UserError {
                what: format!("The engine does not hand out {name}: {why}"),
                cause: "the engine stopped answering, or does not let this user do it".into(),
                next: "`docker image inspect` with the same name says it in the engine's own words"
                    .into(),
            },
            ImageReadError::BrokenOff(why) => UserError {
                what: format!("The reading of {name} broke off: {why}"),
                cause: "a mistake of ours, or the program is being stopped".into(),
                next: "try it again; if it stays, please report it with the image's Dockerfile"
                    .into(),
            },
            ImageReadError::Unreadable(error) => unreadable(name, error),
        }
    }
}

/// What Skopeo, Podman and Syft write before a name, but for words that are names of images, too
/// (`docker:27`, `registry:2`).
const TRANSPORTS: [&str; 6] = [
    "docker-daemon",
    "docker-archive",
    "containers-storage",
    "oci",
    "oci-archive",
    "oci-dir",
];

/// Such a word, and the name behind it.
fn transport(name: &str) -> Option<(&'static str, &str)> {
    let (how, bare) = name.split_once(':')?;
    let known = TRANSPORTS.iter().find(|known| **known == how)?;
    (!bare.is_empty()).then_some((known, bare))
}

/// For people: why an image of the engine could not be read, or merged once it was read.
pub fn unreadable(name: &str, error: &ReadError) -> UserError {
    let next = format!("`docker save {name} | tar -t` shows what the engine makes of it");
    error.user_error(name, &next)
}

/// What happened; of a stream that failed, in the engine's own words.
fn in_short(error: &ReadError) -> String {
    match error {
        ReadError::Source(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// How an archive is read.
#[derive(Clone, Copy, Debug)]
pub struct Transfer<P, H> {
    /// Is told how many bytes of the archive have come in so far.
    pub on_bytes: P,
    /// Bytes of the archive that are read at the most.
    pub max_bytes: u64,
    /// Is held by the thread that reads, to its end.
    pub held: H,
}

impl Transfer<fn(u64), ()> {
    /// Nobody watches, nothing is held.
    pub fn quiet(max_bytes: u64) -> Self {
        Transfer {
            on_bytes: |_| {},
            max_bytes,
            held: (),
        }
    }
}

impl Engine {
    /// What the engine knows about an image that is to be read.
    ///
    /// # Errors
    /// [`ImageReadError::NotAReference`], [`ImageReadError::NoSuchImage`] with near names, and
    /// [`ImageReadError::Refused`].
    pub async fn readable_image(&self, name: &str) -> Result<ImageFacts, ImageReadError> {
        if !is_reference(name) {
            return Err(ImageReadError::NotAReference);
        }
        if let Some(facts) = self.image(name).await? {
            return Ok(facts);
        }
        let there = self.images().await?;
        let names: Vec<_> = there.iter().flat_map(|image| &image.names).collect();
        Err(no_such_image(name, &names))
    }

    /// Hands the archive of an image to `read` while it comes in.
    ///
    /// `read` works in a thread of its own. Dropping the future ends the stream, and with it, a
    /// little later, that thread.
    ///
    /// # Errors
    /// What `read` returns, as [`ImageReadError::Unreadable`]: among that are the engine's own
    /// errors ([`ReadError::Source`]) and [`ReadError::LargeArchive`], which its reader gives it.
    /// [`ImageReadError::BrokenOff`] where it panics.
    pub async fn read_archive<T: Send + 'static>(
        &self,
        name: &str,
        transfer: Transfer<impl Fn(u64) + Send + 'static, impl Send + 'static>,
        read: impl FnOnce(&mut dyn Read) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ImageReadError> {
        let Transfer {
            on_bytes,
            max_bytes: max,
            held,
        } = transfer;
        let stop = CancellationToken::new();
        let mut bytes: u64 = 0;
        let counted = self.save(name).map(move |piece| {
            let piece = piece.map_err(io::Error::other)?;
            bytes += piece.len() as u64;
            on_bytes(bytes);
            match bytes > max {
                true => Err(ReadError::LargeArchive { max }.into()),
                false => Ok(piece),
            }
        });
        // An engine that says nothing more would hold the thread for as long as it likes.
        let stream = counted.take_until(stop.clone().cancelled_owned());
        let _stopped = stop.drop_guard();
        let mut reader = BlockingReader::spawn(stream);
        let done = in_thread(held, move || read(&mut reader)).await;
        let done = done.map_err(|error| ImageReadError::BrokenOff(error.into()))?;
        done.map_err(ImageReadError::Unreadable)
    }
}

/// Works in a thread that holds `held` to its end, also where nobody waits for it any more.
///
/// # Errors
/// Where `work` panics.
pub async fn in_thread<T: Send + 'static>(
    held: impl Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(held);
        done
    })
    .await
}

fn no_such_image(name: &str, there: &[&String]) -> ImageReadError {
    ImageReadError::NoSuchImage {
        near: near(name, there).into_iter().map(str::to_owned).collect(),
        has_others: !there.is_empty(),
    }
}

/// Of the engine's names those that may have been meant, the likeliest first.
fn near<'a>(name: &str, there: &[&'a String]) -> Vec<&'a str> {
    let bare = |name: &str| {
        let last = name.rsplit('/').next().unwrap_or(name);
        let end = last.find([':', '@']).unwrap_or(last.len());
        last[..end].to_owned()
    };
    let mut near: Vec<&str> = nearest(name, there.iter().map(|name| name.as_str()))
        .into_iter()
        .collect();
    let wanted = bare(name);
    for name in there.iter().filter(|there| bare(there) == wanted) {
        if !near.contains(&name.as_str()) {
            near.push(name);
        }
    }
    near.truncate(MAX_NEAR);
    near
}

/// Whether it could be a name or an id; anything else would become part of a request's path.
fn is_reference(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let tag = name[last..]
        .find([':', '@'])
        .map_or(name.len(), |at| last + at);
    let mut parts = name[..tag].split('/').enumerate();
    // A registry's host may have capitals, and a tag two dots.
    let sound = |(n, part): (usize, &str)| {
        let host = n == 0 && last > 0;
        let small = host || !part.contains(|c: char| c.is_ascii_uppercase());
        !part.is_empty() && !part.contains("..") && small
    };
    name.chars().all(fits) && parts.all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_missing_image_is_answered_with_near_ones_that_are_there() {
        let there = names(&[
            "golang:1.23",
            "golang:1.23-alpine",
            "alpine:3.20",
            "x.org/team/api:7",
        ]);
        let there: Vec<_> = there.iter().collect();
        assert_eq!(near("golang:1.24", &there)[0], "golang:1.23");
        assert_eq!(
            near("golang", &there),
            ["golang:1.23", "golang:1.23-alpine"]
        );
        assert_eq!(near("api:8", &there), ["x.org/team/api:7"]);
        assert_eq!(near("postgres:17", &there), [""; 0]);
        let error = no_such_image("golang:1.24", &there).user_error("golang:1.24");
        assert!(error.cause.contains("golang:1.23"), "{error}");
        let error = no_such_image("postgres:17", &there).user_error("postgres:17");
        assert!(error.next.contains("docker pull postgres:17"), "{error}");
    }

    #[test]
    fn names_are_told_from_what_no_engine_takes_for_one() {
        for name in [
            "alpine",
            "name:1..2",
            "x.org:5000/team/api:V7",
            "X.org/team/api@sha256:00",
            "sha256:00",
        ] {
            assert!(is_reference(name), "{name}");
        }
        for name in [
            "",
            "ALPINE:3.20",
            "docker://alpine",
            "a/../b",
            "a//b",
            "/a",
            "a b",
            "team/API",
        ] {
            assert!(!is_reference(name), "{name}");
        }
    }

    #[test]
    fn where_other_tools_look_is_no_name_here() {
        let not = |name: &str| ImageReadError::NotAReference.user_error(name);
        let error = not("docker://alpine:3.20");
        assert_eq!(error.next, "write it as alpine:3.20, if the engine has it");
        assert!(error.cause.contains("scheme"), "{error}");
        assert!(not("http://a b").next.contains("docker image ls"));
        let none: [&String; 0] = [];
        let gone = |name: &str| no_such_image(name, &none).user_error(name).next;
        assert!(gone("docker-archive:image.tar").contains("./image.tar"));
        assert!(gone("docker-daemon:api:8").starts_with("write it as api:8"));
        assert!(gone("registry:2").contains("docker pull registry:2"));
        assert!(gone("postgres:17").contains("docker pull postgres:17"));
    }

    #[tokio::test]
    async fn a_turn_lasts_until_the_thread_that_works_has_ended() {
        let turns = Arc::new(tokio::sync::Semaphore::new(1));
        let turn = Arc::new(turns.clone().acquire_owned().await.expect("open"));
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (let_go, wait) = std::sync::mpsc::channel::<()>();
        let work = in_thread(turn.clone(), move || {
            begun.send(()).expect("somebody listens");
            wait.recv().expect_err("hung up");
        });
        drop(turn);
        // Stopped, as somebody who asked and went away.
        tokio::select! {
            biased;
            _ = work => panic!("it waits for us"),
            begun = begins => begun.expect("it began"),
        }
        assert_eq!(turns.available_permits(), 0);
        drop(let_go);
        turns.acquire().await.expect("given back").forget();
    }

    #[test]
    fn what_is_no_name_never_reaches_the_engine() {
        for name in [
            "golang:1.23",
            "sha256:00ff",
            "h.example:5000/a/b@sha256:1",
            "a_b",
        ] {
            assert!(is_reference(name), "{name}");
        }
        for name in [
            "",
            "a b",
            "a?all=1",
            "a/../../containers",
            "a#b",
            "a%2f",
            "\u{1b}[2J",
        ] {
            assert!(!is_reference(name), "{name}");
        }
    }

    #[test]
    fn an_error_of_the_archive_keeps_its_cause() {
        let error = ImageReadError::Unreadable(ReadError::BrokenOff).user_error("app:1");
        assert!(
            error.what.starts_with("app:1: the archive breaks off"),
            "{error}"
        );
        assert!(error.cause.contains("cut short"), "{error}");
        assert!(error.next.contains("docker save app:1"), "{error}");
    }

    #[test]
    fn what_the_engine_said_is_told_as_it_said_it() {
        let gone = ReadError::Source(io::Error::other("the engine went away"));
        let gone = ImageReadError::Unreadable(gone);
        assert_eq!(gone.to_string(), "the engine went away");
        let large = ImageReadError::Unreadable(ReadError::LargeArchive { max: 5 << 30 });
        assert_eq!(large.to_string(), "it is larger than 5 GiB");
    }
}
