//! A log as a stream of events, for whoever comes back at any position.

use crate::run::RunLog;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The log's entries from `Last-Event-ID` on; ends after the terminal event.
pub(super) fn events(
    log: Arc<RunLog>,
    headers: &HeaderMap,
    closing: CancellationToken,
) -> impl IntoResponse + use<> {
    let last_seen: u64 = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    let pieces = stream::unfold((log, last_seen), move |(log, last_seen)| {
        let closing = closing.clone();
        async move {
            let entries = tokio::select! {
                biased;
                entries = log.next(last_seen) => entries,
                // The log's own terminal event may still come; the page asks again.
                () = closing.cancelled() => Vec::new(),
            };
            let last = entries.last()?.seq;
            Some((entries, (log, last)))
        }
    });
    let events = pieces.flat_map(|entries| {
        stream::iter(entries.into_iter().map(|entry| {
            let event = Event::default().id(entry.seq.to_string());
            Ok::<_, Infallible>(event.json_data(&entry).unwrap_or_default())
        }))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
