//! What is done to a running container: exec, a debug container, its health, its end.

use super::contain::{create, ours, refused, start};
use super::execute::Bench;
use super::steps::Step;
use crate::catalog::limits::STOP_GRACE_SECONDS;
use crate::catalog::{Act, Deed, Health};
use crate::engine::{self, Attachment, ContainerRequest, Mounts};
use crate::event::{ActKind, Acted, Event, Phase, Trouble};
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// An act that has come to nothing by then is over.
const PATIENCE: Duration = Duration::from_secs(25);
/// Between two questions for a container's health.
const PAUSE: Duration = Duration::from_millis(100);
/// Output of an act that is kept, in bytes.
const MOST_TEXT: usize = 16 * 1024;

/// What an act came to, before it has a name.
struct Outcome {
    text: String,
    exit_code: Option<i64>,
    status: Option<String>,
    by_engine: bool,
}

/// Does the variant's acts, in order; `images` are the debug images, by folder.
pub(super) async fn perform(
    bench: &Bench<'_>,
    app: &str,
    images: &BTreeMap<String, String>,
    done: &mut Vec<Acted>,
) -> Result<(), Trouble> {
    for act in &bench.order.variant.acts {
        let (kind, command) = spelled(&act.deed);
        let step = Step::start(
            bench.log,
            Phase::Act,
            &format!("act:{}", act.id),
            &act.title,
        );
        let since = Instant::now();
        let outcome = match &act.deed {
            Deed::Exec { command } => exec(bench, app, command).await,
            Deed::Debug { image, command } => {
                let image = images.get(image).map(String::as_str).unwrap_or_default();
                debug(bench, app, act, image, command.clone()).await
            }
            Deed::Health { status } => health(bench, app, *status).await,
            Deed::Stop => stop(bench, app).await,
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(trouble) => {
                step.failed(&trouble.what);
                return Err(trouble);
            }
        };
        let acted = Acted {
            act: act.id.clone(),
            title: act.title.clone(),
            kind,
            command,
            text: outcome.text,
            exit_code: outcome.exit_code,
            status: outcome.status,
            by_engine: outcome.by_engine,
            ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        bench.log.push(Event::Acted(acted.clone()));
        done.push(acted);
        step.done();
    }
    Ok(())
}

/// The kind of a deed, and how a reader would do it by hand to a container called `app`.
fn spelled(deed: &Deed) -> (ActKind, String) {
    match deed {
        Deed::Exec { command } => (
            ActKind::Exec,
            format!("docker exec app {}", command.join(" ")),
        ),
        Deed::Debug { image, command } => {
            let command = command.iter().flatten().map(|word| format!(" {word}"));
            let command: String = command.collect();
            let text = format!(
                "docker run --rm --pid container:app --network container:app --cap-drop ALL \
                 --cap-add SYS_PTRACE {image}{command}"
            );
            (ActKind::Debug, text)
        }
        Deed::Health { .. } => (
            ActKind::Health,
            "docker inspect --format '{{json .State.Health}}' app".to_owned(),
        ),
        Deed::Stop => (ActKind::Stop, "docker stop app".to_owned()),
    }
}

async fn exec(bench: &Bench<'_>, app: &str, command: &[String]) -> Result<Outcome, Trouble> {
    let executed = timeout(PATIENCE, bench.engine.exec(app, command, MOST_TEXT)).await;
    let executed = match executed {
        Ok(executed) => executed.map_err(ours)?,
        Err(_) => {
            return Ok(Outcome {
                text: format!("it was still running after {} s", PATIENCE.as_secs()),
                exit_code: None,
                status: None,
                by_engine: false,
            });
        }
    };
    Ok(Outcome {
        text: executed.text,
        exit_code: executed.exit_code,
        status: None,
        by_engine: executed.refused,
    })
}

async fn debug(
    bench: &Bench<'_>,
    app: &str,
    act: &Act,
    image: &str,
    command: Option<Vec<String>>,
) -> Result<Outcome, Trouble> {
    let request = ContainerRequest {
        name: format!("empty-room-{}-act-{}", bench.order.id, act.id),
        image: image.to_owned(),
        command,
        env: Vec::new(),
        attachment: Attachment::Inside(app.to_owned()),
        neighbours: Vec::new(),
        memory_bytes: None,
        mounts: Mounts::default(),
    };
    let container = create(bench, request).await.map_err(refused)?;
    start(bench, &container).await.map_err(refused)?;
    let mut text = String::new();
    let mut output = Box::pin(bench.engine.output(&container));
    let all = async {
        while let Some((_, piece)) = output.next().await {
            if text.len() < MOST_TEXT {
                text.push_str(&piece);
            }
        }
        bench.engine.wait(&container).await
    };
    let exit = match timeout(PATIENCE, all).await {
        Ok(exit) => Some(exit.map_err(ours)?),
        Err(_) => None,
    };
    if exit.is_none() {
        text.push_str(&format!("\n(still running after {} s)", PATIENCE.as_secs()));
    }
    Ok(Outcome {
        text: text.trim_end().to_owned(),
        exit_code: exit.map(|exit| exit.code),
        status: None,
        by_engine: false,
    })
}

async fn health(bench: &Bench<'_>, app: &str, wanted: Health) -> Result<Outcome, Trouble> {
    let wanted = health_name(wanted);
    let since = Instant::now();
    loop {
        let state = bench.engine.health(app).await.map_err(ours)?;
        let final_word = ["healthy", "unhealthy"].contains(&state.status.as_str());
        // A first success may come before the failures that are waited for, or after them.
        let over = state.status == wanted || (final_word && wanted == "healthy");
        if over || state.status.is_empty() || since.elapsed() > PATIENCE {
            let status = match state.status.as_str() {
                "" => "none: the image declares no health check".to_owned(),
                status => status.to_owned(),
            };
            return Ok(Outcome {
                by_engine: engine::is_exec_refusal(&state.log),
                text: state.log.trim_end().to_owned(),
                exit_code: None,
                status: Some(status),
            });
        }
        sleep(PAUSE).await;
    }
}

/// As the engine's API spells it.
pub(super) fn health_name(health: Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Unhealthy => "unhealthy",
    }
}

async fn stop(bench: &Bench<'_>, app: &str) -> Result<Outcome, Trouble> {
    bench
        .engine
        .stop(app, STOP_GRACE_SECONDS)
        .await
        .map_err(ours)?;
    let exit = bench.engine.wait(app).await.map_err(ours)?;
    Ok(Outcome {
        text: String::new(),
        exit_code: Some(exit.code),
        status: None,
        by_engine: false,
    })
}
