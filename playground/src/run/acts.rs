//! What is done to a running container: exec, a debug container, its health, its end.

use super::execute::RunContext;
use super::peers::{create, engine_error, start, start_error};
use super::steps::Step;
use crate::event::{ActKind, Acted, Event, Phase};
use catalog::limits::STOP_GRACE_SECONDS;
use catalog::{Act, Deed, Health};
use engine::{Attachment, ContainerRequest, Exit};
use futures_util::StreamExt;
use policy::UserError;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// An act that has come to nothing by then is over.
const PATIENCE: Duration = Duration::from_secs(25);
/// Exit code of what SIGKILL has ended.
const KILLED: i64 = 137;
/// A container whose last process was killed is noted as ended within this time.
const SETTLING: Duration = Duration::from_secs(1);
/// Between two questions for a container's health.
const PAUSE: Duration = Duration::from_millis(100);
/// Output of an act that is kept, in bytes.
const MAX_TEXT: usize = 16 * 1024;

/// What an act came to, before it has a name.
#[derive(Default)]
struct Outcome {
    text: String,
    exit_code: Option<i64>,
    status: Option<String>,
    by_engine: bool,
    timed_out: bool,
}

/// How the container stands after its acts.
pub(super) enum After {
    /// It runs.
    Serving,
    /// The last act has stopped it.
    Stopped,
    /// It had ended by itself: what was still to be done was not.
    Ended(Exit),
}

/// Does the variant's acts, in order; `images` are the debug images, by folder.
pub(super) async fn perform(
    ctx: &RunContext<'_>,
    app: &str,
    images: &BTreeMap<String, String>,
    done: &mut Vec<Acted>,
) -> Result<After, UserError> {
    for act in &ctx.spec.variant.acts {
        let step = Step::start(ctx.log, Phase::Act, &format!("act:{}", act.id), &act.title);
        let since = Instant::now();
        let outcome = match ctx.engine.exited(app).await.map_err(engine_error)? {
            Some(exit) => {
                step.failed("the program had ended by itself");
                return Ok(After::Ended(exit));
            }
            None => perform_one(ctx, app, act, images).await,
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                step.failed(&error.what);
                // A program that ends under the act is the learner's; all else is ours.
                return match ctx.engine.exited(app).await {
                    Ok(Some(exit)) => Ok(After::Ended(exit)),
                    _ => Err(error),
                };
            }
        };
        let acted = outcome.of(act, since.elapsed());
        ctx.log.push(Event::Acted(acted.clone()));
        done.push(acted);
        step.done();
        if act.deed == Deed::Stop {
            return Ok(After::Stopped);
        }
    }
    Ok(match ctx.engine.exited(app).await.map_err(engine_error)? {
        Some(exit) => After::Ended(exit),
        None => After::Serving,
    })
}

async fn perform_one(
    ctx: &RunContext<'_>,
    app: &str,
    act: &Act,
    images: &BTreeMap<String, String>,
) -> Result<Outcome, UserError> {
    match &act.deed {
        Deed::Exec { command } => exec(ctx, app, command).await,
        Deed::Debug { image, command } => {
            let image = images.get(image).map(String::as_str).unwrap_or_default();
            debug(ctx, app, act, image, command.clone()).await
        }
        Deed::Health { status } => health(ctx, app, *status).await,
        Deed::Stop => stop(ctx, app).await,
    }
}

impl Outcome {
    fn of(self, act: &Act, time: Duration) -> Acted {
        let (kind, command) = spelled(&act.deed);
        Acted {
            act: act.id.clone(),
            title: act.title.clone(),
            kind,
            command,
            text: self.text,
            exit_code: self.exit_code,
            status: self.status,
            by_engine: self.by_engine,
            timed_out: self.timed_out,
            ms: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        }
    }
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

async fn exec(ctx: &RunContext<'_>, app: &str, command: &[String]) -> Result<Outcome, UserError> {
    let executed = ctx.engine.exec(app, command, MAX_TEXT, PATIENCE).await;
    let executed = executed.map_err(engine_error)?;
    if executed.exit_code == Some(KILLED) {
        // So ends a command whose container ends; the engine notes the container's end later.
        let _ = timeout(SETTLING, ctx.engine.wait(app)).await;
    }
    Ok(Outcome {
        text: executed.text,
        exit_code: executed.exit_code,
        by_engine: executed.refused,
        timed_out: executed.timed_out,
        ..Outcome::default()
    })
}

async fn debug(
    ctx: &RunContext<'_>,
    app: &str,
    act: &Act,
    image: &str,
    command: Option<Vec<String>>,
) -> Result<Outcome, UserError> {
    let name = format!("empty-room-{}-act-{}", ctx.spec.id, act.id);
    let request = ContainerRequest {
        command,
        ..ContainerRequest::new(name, image, Attachment::NamespacesOf(app.to_owned()))
    };
    let container = create(ctx, request).await.map_err(start_error)?;
    start(ctx, &container).await.map_err(start_error)?;
    let mut text = String::new();
    let mut output = Box::pin(ctx.engine.output(&container));
    let all = async {
        while let Some((_, piece)) = output.next().await {
            if text.len() < MAX_TEXT {
                text.push_str(&piece);
            }
        }
        ctx.engine.wait(&container).await
    };
    let exit = match timeout(PATIENCE, all).await {
        Ok(exit) => Some(exit.map_err(engine_error)?),
        Err(_) => None,
    };
    if exit.is_none() {
        // It must not run on beside the next act.
        ctx.engine.remove(&container).await.map_err(engine_error)?;
    }
    Ok(Outcome {
        text: text.trim_end().to_owned(),
        exit_code: exit.map(|exit| exit.code),
        timed_out: exit.is_none(),
        ..Outcome::default()
    })
}

async fn health(ctx: &RunContext<'_>, app: &str, wanted: Health) -> Result<Outcome, UserError> {
    let wanted = health_name(wanted);
    let since = Instant::now();
    loop {
        let state = ctx.engine.health(app).await.map_err(engine_error)?;
        let final_word = ["healthy", "unhealthy"].contains(&state.status.as_str());
        // A first success may come before the failures that are waited for, or after them.
        let over = state.status == wanted || (final_word && wanted == "healthy");
        let timed_out = !over && since.elapsed() > PATIENCE;
        if over || state.status.is_empty() || timed_out {
            let status = match state.status.as_str() {
                "" => "none: the image declares no health check".to_owned(),
                status => status.to_owned(),
            };
            return Ok(Outcome {
                by_engine: engine::is_exec_refusal(&state.log),
                text: state.log.trim_end().to_owned(),
                exit_code: None,
                status: Some(status),
                timed_out,
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

async fn stop(ctx: &RunContext<'_>, app: &str) -> Result<Outcome, UserError> {
    ctx.engine
        .stop(app, STOP_GRACE_SECONDS)
        .await
        .map_err(engine_error)?;
    let exit = ctx.engine.wait(app).await.map_err(engine_error)?;
    Ok(Outcome {
        exit_code: Some(exit.code),
        ..Outcome::default()
    })
}
