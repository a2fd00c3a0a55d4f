//! Words for people where no engine answers: the likely cause, and what would mend it.
//!
//! Decides by the kind of each failure, never by its text. Refuses to look for engines.

use engine::{ConnectError, NoEngine, PrivateError};
use policy::UserError;
use std::path::Path;

/// Without an engine the book is still a book; this says what would make it run. `private` is
/// why there is no engine of our own, where one was tried.
pub(super) fn error(none: &NoEngine, private: Option<&PrivateError>) -> UserError {
    UserError {
        what: "No Docker engine answers, so nothing can be built or run.".into(),
        cause: cause(none, private),
        next: next(none, "press Run again"),
    }
}

pub(super) fn cause(none: &NoEngine, private: Option<&PrivateError>) -> String {
    // That a usual socket is not there is no news; the one that somebody asked for is.
    let telling = none
        .tried
        .iter()
        .filter(|(_, why)| none.chosen || !matches!(why, ConnectError::NotThere(_)));
    let tried: Vec<String> = telling
        .map(|(address, why)| format!("{address}: {why}"))
        .collect();
    let mut cause = if none.chosen {
        "DOCKER_HOST or the docker context in use names an engine that cannot be reached".to_owned()
    } else if tried.is_empty() {
        "none of the usual sockets of Docker, Docker Desktop, Colima, OrbStack, Rancher \
         Desktop, rootless Docker or Podman is there"
            .to_owned()
    } else {
        "an engine is installed but does not answer, or not to this user".to_owned()
    };
    if !tried.is_empty() {
        cause = format!("{cause} ({})", tried.join("; "));
    }
    match private {
        None | Some(PrivateError::NotInstalled) => cause,
        Some(why) => format!("{cause}; {why}"),
    }
}

/// What engines leave in containers to be told by.
const MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Whether this program runs in a container.
pub fn is_container() -> bool {
    MARKS.iter().any(|mark| Path::new(mark).exists())
}

/// What to start, and then `again`: what the reader was about to do.
pub(super) fn next(none: &NoEngine, again: &str) -> String {
    next_in(is_container(), none, again)
}

fn next_in(container: bool, none: &NoEngine, again: &str) -> String {
    if container && !none.chosen {
        "give this container the engine's socket, and its user the socket's group: docker run \
         -v /var/run/docker.sock:/var/run/docker.sock --group-add \
         \"$(stat -c %g /var/run/docker.sock)\" (Docker Desktop and rootless: --group-add 0)"
            .to_owned()
    } else if none.chosen {
        "start that engine, or unset DOCKER_HOST and DOCKER_CONTEXT and run `docker context \
         use default`"
            .to_owned()
    } else if cfg!(target_os = "macos") {
        format!("start Docker Desktop, OrbStack or `colima start`, then {again}")
    } else {
        format!(
            "start Docker (`sudo systemctl start docker`), or run script/server on a Debian \
             machine: it installs one. Then {again}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(chosen: bool, why: ConnectError) -> NoEngine {
        NoEngine {
            tried: vec![("unix:///a.sock".into(), why)],
            chosen,
        }
    }

    #[test]
    fn a_usual_socket_that_is_missing_is_no_news_but_a_chosen_one_is() {
        let missing = || ConnectError::NotThere("/a.sock".into());
        let usual = cause(&tried(false, missing()), None);
        assert!(!usual.contains("a.sock"), "{usual}");
        assert!(usual.contains("none of the usual sockets"), "{usual}");
        let chosen = cause(&tried(true, missing()), None);
        assert!(
            chosen.ends_with("(unix:///a.sock: /a.sock does not exist)"),
            "{chosen}"
        );
    }

    #[test]
    fn in_a_container_it_is_the_socket_that_is_missing_or_its_group() {
        let none = tried(false, ConnectError::Silent(5));
        assert!(next_in(true, &none, "").contains("--group-add"));
        assert!(!next_in(false, &none, "").contains("--group-add"));
        // Whoever names an engine has another mistake to mend.
        assert!(next_in(true, &tried(true, ConnectError::Silent(5)), "").contains("DOCKER_HOST"));
    }

    #[test]
    fn an_engine_that_refuses_is_named_whatever_its_words() {
        let refused = tried(false, ConnectError::Refused("it does not exist".into()));
        let cause = cause(&refused, None);
        assert!(
            cause.contains("unix:///a.sock: it does not exist"),
            "{cause}"
        );
    }

    #[test]
    fn only_an_engine_of_ours_that_could_be_had_is_spoken_of() {
        let none = tried(false, ConnectError::Silent(5));
        assert_eq!(
            cause(&none, Some(&PrivateError::NotInstalled)),
            cause(&none, None)
        );
        let not_root = cause(&none, Some(&PrivateError::NotRoot));
        assert!(not_root.ends_with("needs root"), "{not_root}");
    }
}
