//! From an image on the engine to an [`Inspection`]: the stream of `docker save`, read while
//! it comes, without a copy on any disk.
//!
//! Owns the bridge between the engine's async stream and the sync reader, and what is said when
//! there is no such image. Refuses to know terminals, pages, and what an inspection means.

use crate::blocking_reader::hand_over;
use crate::{Engine, ImageFacts};
use analysis::image::{Compressed, Platform, ReadError, Wanted};
use analysis::inspect::{Inspection, inspect};
use futures_util::{StreamExt, TryStreamExt};
use policy::UserError;
use policy::suggest::nearest;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// Below this many bytes of an archive or image, compressing it to see takes about a second.
pub const SMALL: u64 = 100_000_000;

/// Names that are offered where one is not known.
const MAX_NEAR: usize = 5;

/// Reads an image that the engine has, by name or id, whole; of one that comes for several
/// platforms, the one that the engine would run.
///
/// `on_bytes` is told how many bytes of the archive have come in so far. Dropping the future
/// ends the stream, and with it, a little later, the thread that reads it: that one holds
/// `held` to its end.
pub async fn inspect_image(
    engine: &Engine,
    name: &str,
    compressed: Compressed,
    on_bytes: impl Fn(u64) + Send + 'static,
    held: impl Clone + Send + 'static,
) -> Result<Inspection, UserError> {
    inspect_image_for(engine, name, None, compressed, on_bytes, held).await
}

/// The same for a platform that somebody asks for.
pub async fn inspect_image_for(
    engine: &Engine,
    name: &str,
    platform: Option<&Platform>,
    compressed: Compressed,
    on_bytes: impl Fn(u64) + Send + 'static,
    held: impl Clone + Send + 'static,
) -> Result<Inspection, UserError> {
    let facts = facts(engine, name).await?;
    let saved = saved_name(name, &facts);
    let on_bytes = Arc::new(Mutex::new(on_bytes));
    let wanted = Wanted {
        name: None,
        platform: platform.cloned().or_else(|| platform_of(&facts)),
    };
    let archive = |wanted| {
        let held = held.clone();
        stream(engine, &saved, wanted, compressed, on_bytes.clone(), held)
    };
    let mut read = archive(wanted).await;
    if platform.is_none() && matches!(read, Ok(Err(ReadError::NoSuchImage { .. }))) {
        // Engines make up an os or a CPU where the config has none; then it is the only image.
        read = archive(Wanted::default()).await;
    }
    match read {
        Ok(Ok(mut inspection)) => {
            // Saved by its id, it comes without its names.
            if inspection.image.there.names.is_empty() {
                inspection.image.there.names = facts.names;
            }
            Ok(inspection)
        }
        Ok(Err(error)) => Err(unreadable(name, &error)),
        Err(broken_off) => Err(UserError {
            what: format!("The reading of {name} broke off: {broken_off}"),
            cause: "a mistake of ours, or the program is being stopped".into(),
            next: "try it again; if it stays, please report it with the image's Dockerfile".into(),
        }),
    }
}

/// Reads the archive while it comes, in a thread of its own that ends with this future.
async fn stream(
    engine: &Engine,
    name: &str,
    wanted: Wanted,
    compressed: Compressed,
    on_bytes: Arc<Mutex<impl Fn(u64) + Send + 'static>>,
    held: impl Send + 'static,
) -> Result<Result<Inspection, ReadError>, JoinError> {
    let stop = CancellationToken::new();
    let mut bytes: u64 = 0;
    let stream = engine
        .save(name)
        .map_err(|error| io::Error::other(error.to_string()))
        .inspect_ok(move |piece| {
            bytes += piece.len() as u64;
            on_bytes.lock().unwrap_or_else(PoisonError::into_inner)(bytes);
        })
        // An engine that says nothing more would hold the thread for as long as it likes.
        .take_until(stop.clone().cancelled_owned());
    let _stopped = stop.drop_guard();
    let reader = hand_over(stream);
    aside(held, move || inspect(reader, &wanted, compressed)).await
}

/// Works in a thread that holds `held` to its end, also where nobody waits for it any more.
pub async fn aside<T: Send + 'static>(
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

/// What is said of an image that could not be read.
pub fn unreadable(name: &str, error: &ReadError) -> UserError {
    let text = error.to_string();
    let mut lines = text.lines();
    let mut error = UserError {
        what: format!("{name}: {}", lines.next().unwrap_or_default()),
        cause: "what was read is not what an image's archive should be".into(),
        next: format!("`docker save {name} | tar -t` shows what the engine makes of it"),
    };
    for line in lines {
        if let Some(cause) = line.strip_prefix("cause: ") {
            error.cause = cause.to_owned();
        } else if let Some(next) = line.strip_prefix("next: ") {
            error.next = next.to_owned();
        }
    }
    error
}

async fn facts(engine: &Engine, name: &str) -> Result<ImageFacts, UserError> {
    let refused = |why: String| UserError {
        what: format!("The engine does not hand out {name}: {why}"),
        cause: "the engine stopped answering, or does not let this user do it".into(),
        next: "`docker image inspect` with the same name says it in the engine's own words".into(),
    };
    if !is_reference(name) {
        return Err(UserError {
            what: format!("{name:?} is no image's name or id"),
            cause: "names are made of letters, digits and . _ - / : @".into(),
            next: "`docker image ls` lists what there is".into(),
        });
    }
    match engine.image(name).await {
        Ok(Some(facts)) => Ok(facts),
        Ok(None) => {
            let there = engine.images().await.map_err(|e| refused(e.to_string()))?;
            let names: Vec<_> = there.iter().flat_map(|image| &image.names).collect();
            Err(no_such_image(name, &names))
        }
        Err(error) => Err(refused(error.to_string())),
    }
}

fn no_such_image(name: &str, there: &[&String]) -> UserError {
    let near = near(name, there);
    UserError {
        what: format!("The engine has no image {name}"),
        cause: match (near.as_slice(), there.is_empty()) {
            ([], true) => "it has no image with a name at all".into(),
            ([], false) => "it was not built or pulled here, or has another name".into(),
            (near, _) => format!("it has {}", near.join(", ")),
        },
        next: match near.first() {
            Some(near) => {
                format!("name one that is there ({near}), or `docker pull {name}` first")
            }
            None => format!("`docker pull {name}` or `docker build -t {name} .` first"),
        },
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

/// The name to save it by: without a tag, engines hand out every tag that there is.
fn saved_name(name: &str, facts: &ImageFacts) -> String {
    let untagged = !name.rsplit('/').next().unwrap_or(name).contains([':', '@']);
    let latest = format!("{name}:latest");
    match untagged && facts.names.contains(&latest) {
        true => latest,
        false => name.to_owned(),
    }
}

/// The platform of what the engine means by the name; `None` where its config does not say.
fn platform_of(facts: &ImageFacts) -> Option<Platform> {
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Some(Platform {
        os: said(&facts.os)?,
        architecture: said(&facts.architecture)?,
        variant: None,
    })
}

/// Whether it could be a name or an id; anything else would become part of a request's path.
fn is_reference(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    !name.is_empty() && name.chars().all(fits) && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let error = no_such_image("golang:1.24", &there);
        assert!(error.cause.contains("golang:1.23"), "{error}");
        let error = no_such_image("postgres:17", &there);
        assert!(error.next.contains("docker pull postgres:17"), "{error}");
    }

    #[test]
    fn without_a_tag_only_latest_is_saved() {
        let facts = ImageFacts {
            names: names(&["app:latest", "app:2"]),
            ..ImageFacts::default()
        };
        assert_eq!(saved_name("app", &facts), "app:latest");
        for whole in ["app:2", "h:5000/app:2", "app@sha256:00", "0123456789ab"] {
            assert_eq!(saved_name(whole, &facts), whole);
        }
    }

    #[tokio::test]
    async fn a_turn_lasts_until_the_thread_that_works_has_ended() {
        let turns = Arc::new(tokio::sync::Semaphore::new(1));
        let turn = Arc::new(turns.clone().acquire_owned().await.expect("open"));
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (let_go, wait) = std::sync::mpsc::channel::<()>();
        let work = aside(turn.clone(), move || {
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
        let error = unreadable("app:1", &ReadError::BrokenOff);
        assert!(
            error.what.starts_with("app:1: the archive breaks off"),
            "{error}"
        );
        assert!(error.cause.contains("cut short"), "{error}");
    }
}
