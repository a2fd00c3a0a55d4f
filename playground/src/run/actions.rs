//! Does to a running container what the lab's actions ask for: a command in it, an image beside
//! it, waiting for its health, its stop.
//!
//! Knows requests, and no kind of action.

use super::execute::RunContext;
use super::peers::{create, engine_error, start, start_error};
use super::steps::Step;
use crate::event::{Event, Phase};
use catalog::actions::{ActionResult, HealthStatus, Reply, Request};
use engine::{Attachment, ContainerRequest, Exit};
use futures_util::StreamExt;
use policy::UserError;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// An action that has come to nothing by then is over.
const PATIENCE: Duration = Duration::from_secs(25);
/// Exit code of what SIGKILL has ended.
const KILLED: i64 = 137;
/// A container whose last process was killed is noted as ended within this time.
const SETTLING: Duration = Duration::from_secs(1);
/// Between two questions for a container's health.
const PAUSE: Duration = Duration::from_millis(100);
/// Output of an action that is kept, in bytes.
const MAX_TEXT: usize = 16 * 1024;

/// How the container stands after its actions.
pub(super) enum After {
    /// It runs.
    Serving,
    /// The last action has stopped it.
    Stopped,
    /// It had ended by itself: what was still to be done was not.
    Ended(Exit),
}

/// Carries out the variant's actions, in their order; `images` are the debug images, by folder.
pub(super) async fn perform(
    ctx: &RunContext<'_>,
    app: &str,
    images: &BTreeMap<String, String>,
    results: &mut Vec<ActionResult>,
) -> Result<After, UserError> {
    for action in &ctx.spec.variant.actions {
        let name = format!("act:{}", action.id);
        let step = Step::start(ctx.log, Phase::Act, &name, &action.title);
        let since = Instant::now();
        if let Some(exit) = ctx.engine.exited(app).await.map_err(engine_error)? {
            step.failed("the program had ended by itself");
            return Ok(After::Ended(exit));
        }
        let request = action.kind.request();
        let mut reply = match carry_out(ctx, app, &action.id, request, images).await {
            Ok(reply) => reply,
            Err(error) => {
                step.failed(&error.what);
                // A program that ends under the action is the learner's; all else is ours.
                return match ctx.engine.exited(app).await {
                    Ok(Some(exit)) => Ok(After::Ended(exit)),
                    _ => Err(error),
                };
            }
        };
        reply.ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let result = action.result(reply);
        ctx.log.push(Event::Acted(result.clone()));
        results.push(result);
        step.done();
        if matches!(request, Request::Stop { .. }) {
            return Ok(After::Stopped);
        }
    }
    Ok(match ctx.engine.exited(app).await.map_err(engine_error)? {
        Some(exit) => After::Ended(exit),
        None => After::Serving,
    })
}

/// Does to the container what an action asks for; how long that took is left to be told.
async fn carry_out(
    ctx: &RunContext<'_>,
    app: &str,
    action: &str,
    request: Request<'_>,
    images: &BTreeMap<String, String>,
) -> Result<Reply, UserError> {
    match request {
        Request::Exec { command } => exec(ctx, app, command).await,
        Request::RunBeside { image, command } => {
            let name = format!("empty-room-{}-act-{action}", ctx.spec.id);
            let image = images.get(image).map(String::as_str).unwrap_or_default();
            let inside = Attachment::NamespacesOf(app.to_owned());
            let request = ContainerRequest {
                command: command.map(<[String]>::to_vec),
                ..ContainerRequest::new(name, image, inside)
            };
            run_beside(ctx, request).await
        }
        Request::AwaitHealth(status) => await_health(ctx, app, status).await,
        Request::Stop { grace_seconds } => stop(ctx, app, grace_seconds).await,
    }
}

async fn exec(ctx: &RunContext<'_>, app: &str, command: &[String]) -> Result<Reply, UserError> {
    let executed = ctx.engine.exec(app, command, MAX_TEXT, PATIENCE).await;
    let executed = executed.map_err(engine_error)?;
    if executed.exit_code == Some(KILLED) {
        // So ends a command whose container ends; the engine notes the container's end later.
        let _ = timeout(SETTLING, ctx.engine.wait(app)).await;
    }
    Ok(Reply {
        text: executed.text,
        exit_code: executed.exit_code,
        by_engine: executed.refused,
        timed_out: executed.timed_out,
        ..Reply::default()
    })
}

async fn run_beside(ctx: &RunContext<'_>, request: ContainerRequest) -> Result<Reply, UserError> {
    let container = create(&ctx.site(), request).await.map_err(start_error)?;
    start(&ctx.site(), &container).await.map_err(start_error)?;
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
        // It must not run on beside the next action.
        ctx.engine.remove(&container).await.map_err(engine_error)?;
    }
    Ok(Reply {
        text: text.trim_end().to_owned(),
        exit_code: exit.map(|exit| exit.code),
        timed_out: exit.is_none(),
        ..Reply::default()
    })
}

async fn await_health(
    ctx: &RunContext<'_>,
    app: &str,
    wanted: HealthStatus,
) -> Result<Reply, UserError> {
    let since = Instant::now();
    loop {
        let state = ctx.engine.health(app).await.map_err(engine_error)?;
        // A first success may come before the failures that are waited for, or after them.
        let over = match wanted {
            HealthStatus::Healthy => ["healthy", "unhealthy"].contains(&state.status.as_str()),
            HealthStatus::Unhealthy => state.status == "unhealthy",
        };
        let timed_out = !over && since.elapsed() > PATIENCE;
        if over || state.status.is_empty() || timed_out {
            let status = match state.status.as_str() {
                "" => "none: the image declares no health check".to_owned(),
                status => status.to_owned(),
            };
            return Ok(Reply {
                by_engine: engine::is_exec_refusal(&state.log),
                text: state.log.trim_end().to_owned(),
                status: Some(status),
                timed_out,
                ..Reply::default()
            });
        }
        sleep(PAUSE).await;
    }
}

async fn stop(ctx: &RunContext<'_>, app: &str, grace_seconds: u32) -> Result<Reply, UserError> {
    ctx.engine
        .stop(app, grace_seconds)
        .await
        .map_err(engine_error)?;
    let exit = ctx.engine.wait(app).await.map_err(engine_error)?;
    Ok(Reply {
        exit_code: Some(exit.code),
        ..Reply::default()
    })
}
