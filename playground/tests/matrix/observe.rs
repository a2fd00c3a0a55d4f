//! A container of a case's image, really run: what was said, by whom, and how it went on.
//!
//! Owns the container and its removal. Refuses to know preflight.

use super::cases::Case;
use super::listing::Listing;
use engine::{Attachment, ContainerRequest, Engine, EngineError, HealthState, Owner, StartError};
use futures_util::{Stream, StreamExt, TryStreamExt};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::io::{StreamReader, SyncIoBridge};

/// A program is ready, or has ended, within this time.
const READY: Duration = Duration::from_secs(20);
/// One that hears SIGTERM ends at once, and its last word comes by way of a busy engine.
const HEARS: Duration = Duration::from_secs(10);
/// A first health check comes after its interval, which the cases keep short.
const CHECKED: Duration = Duration::from_secs(60);
/// Between two questions for the health.
const PAUSE: Duration = Duration::from_millis(100);
/// First port without privilege where there is no Docker that sets it to 0.
const STRICT: u16 = 1024;

/// What could be seen of a container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// The engine refused to create or start it, in its words.
    pub(crate) refused: Option<String>,
    /// Everything that came out of it.
    pub(crate) said: String,
    /// Its exit code, where it ended before it was asked to.
    pub(crate) exit: Option<i64>,
    /// Whether it ended by itself after SIGTERM; `None` where it did not run that long.
    pub(crate) heard: Option<bool>,
    /// What the engine's health check came to; `None` where there is none.
    pub(crate) health: Option<HealthState>,
    /// A real service said that it serves, or how it failed.
    pub(crate) told: bool,
    /// Its files.
    pub(crate) files: Listing,
}

impl Observed {
    /// Whether the program's own first line came.
    pub(crate) fn started(&self) -> bool {
        self.told || self.said.lines().any(|line| line.starts_with("started: "))
    }

    /// The rest of the line that begins with `what: `.
    pub(crate) fn line(&self, what: &str) -> Option<&str> {
        let rest = |line: &'_ str| line.strip_prefix(what)?.strip_prefix(": ").map(str::len);
        let line = self.said.lines().find(|line| rest(line).is_some())?;
        Some(&line[what.len() + 2..])
    }
}

/// Runs it, looks, and removes it.
pub(crate) async fn observe(
    engine: &Engine,
    owner: &Owner,
    case: &Case,
    image: &str,
    name: &str,
) -> Result<Observed, String> {
    let mut request = ContainerRequest::new(name.to_owned(), image, Attachment::Isolated);
    request.mounts.unprivileged_port_start = case.strict_ports.then_some(STRICT);
    let (container, refused) = match engine.create(owner, &request).await {
        Ok(container) => (container, None),
        Err(StartError::Refused { message, .. }) => {
            // Refused as it is; its files can be looked at all the same.
            request.command = Some(vec!["/never-started".to_owned()]);
            let created = engine.create(owner, &request).await;
            (created.map_err(|error| error.to_string())?, Some(message))
        }
        Err(error) => return Err(error.to_string()),
    };
    let observed = watch(engine, case, &container, refused).await;
    super::stand::until_gone(|| async {
        let removed = engine.remove(&container).await;
        removed.map_err(|error| error.to_string())
    })
    .await?;
    observed
}

async fn watch(
    engine: &Engine,
    case: &Case,
    container: &str,
    refused: Option<String>,
) -> Result<Observed, String> {
    let mut observed = Observed {
        refused,
        files: files(engine, container).await?,
        ..Observed::default()
    };
    if observed.refused.is_some() {
        return Ok(observed);
    }
    match engine.start(container).await {
        Ok(()) => {}
        Err(StartError::Refused { message, .. }) => {
            observed.refused = Some(message);
            return Ok(observed);
        }
        Err(error) => return Err(error.to_string()),
    }
    live(engine, case, container, &mut observed)
        .await
        .map_err(|error| error.to_string())?;
    Ok(observed)
}

/// From its first word to its last.
async fn live(
    engine: &Engine,
    case: &Case,
    container: &str,
    observed: &mut Observed,
) -> Result<(), EngineError> {
    let mut output = Box::pin(engine.output(container).map(|(_, text)| text));
    if let Some(service) = &case.service {
        let told = |said: &str| service.is_told(said);
        hear(&mut output, &mut observed.said, READY, told).await;
        observed.told = told(&observed.said);
        return Ok(());
    }
    let ready = |said: &str| said.contains("\nready:");
    hear(&mut output, &mut observed.said, READY, ready).await;
    if case.value_of("HEALTHCHECK ").is_some() {
        observed.health = Some(health(engine, container).await?);
    }
    observed.exit = engine.exited(container).await?.map(|exit| exit.code);
    if !ready(&observed.said) || observed.exit.is_some() {
        return Ok(());
    }
    engine.terminate(container).await?;
    let told = |said: &str| said.contains("\nsignal: terminated");
    hear(&mut output, &mut observed.said, HEARS, told).await;
    observed.heard = Some(told(&observed.said));
    Ok(())
}

/// Listens until `enough`, the end, or the end of patience.
async fn hear(
    output: &mut (impl Stream<Item = String> + Unpin),
    said: &mut String,
    patience: Duration,
    enough: impl Fn(&str) -> bool,
) {
    let end = Instant::now() + patience;
    while !enough(said) {
        match timeout_at(end, output.next()).await {
            Ok(Some(text)) => said.push_str(&text),
            Ok(None) | Err(_) => break,
        }
    }
}

/// The first verdict of the engine's health check.
async fn health(engine: &Engine, container: &str) -> Result<HealthState, EngineError> {
    let end = Instant::now() + CHECKED;
    loop {
        let health = engine.health(container).await?;
        if health.status != "starting" || Instant::now() > end {
            return Ok(health);
        }
        sleep(PAUSE).await;
    }
}

async fn files(engine: &Engine, container: &str) -> Result<Listing, String> {
    let stream = engine.export(container).map_err(std::io::Error::other);
    let reader = SyncIoBridge::new(StreamReader::new(Box::pin(stream)));
    let read = tokio::task::spawn_blocking(move || Listing::read(reader));
    let listing = read.await.map_err(|error| error.to_string())?;
    listing.map_err(|error| format!("its files cannot be read: {error}"))
}
