//! Being asked to end: by Ctrl-C, or by SIGTERM.

use std::io;
use std::sync::OnceLock;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Completes when the process is asked to end (Ctrl-C or SIGTERM), at once where it already was.
///
/// Signals are listened for from the first call on, whether or not anybody awaits one: what is done
/// between two waits is not cut off by a signal, but ended by whoever waits next.
pub(super) fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    static ASKED: OnceLock<CancellationToken> = OnceLock::new();
    let asked = ASKED.get_or_init(|| {
        listen().unwrap_or_else(|error| {
            log::warn!("Signals cannot be listened for, and end this at once: {error}");
            CancellationToken::new()
        })
    });
    asked.clone().cancelled_owned()
}

/// Cancelled by the first signal that asks the process to end.
///
/// # Errors
/// Signals cannot be listened for.
fn listen() -> io::Result<CancellationToken> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let asked = CancellationToken::new();
    let heard = asked.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        heard.cancel();
    });
    Ok(asked)
}

/// What comes of `work`; nothing where the process is asked to end before.
pub(super) async fn unless_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    let end = shutdown_signal();
    tokio::select! {
        done = work => Some(done),
        () = end => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, id};

    #[tokio::test]
    async fn a_signal_between_two_waits_is_not_lost() {
        let asked = listen().expect("signals can be listened for");
        // The first wait is over.
        drop(asked.clone().cancelled_owned());
        let kill = Command::new("kill").arg(id().to_string()).status();
        assert!(kill.expect("kill runs").success());
        // Nobody waits while the signal comes.
        while !asked.is_cancelled() {
            tokio::task::yield_now().await;
        }
        asked.cancelled().await;
    }
}
