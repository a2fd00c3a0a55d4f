//! The variant's container: started, probed, acted on, until it has ended.
//!
//! Owns the order of all that and its time limits, and turns what it saw into [`Evidence`].
//! Refuses to judge.

use super::actions::{self, After};
use super::evidence::Evidence;
use super::execute::RunContext;
use super::output::{ProgramOutput, read_rest, reading};
use super::peers::{Peers, create, engine_error, start, start_error};
use super::prober;
use super::steps::Step;
use crate::event::{Event, Phase, Probed, Stream};
use catalog::{Moment, Outcome};
use engine::{Attachment, ContainerRequest, Exit, Mounts, StartError};
use futures_util::StreamExt;
use policy::UserError;
use policy::limits::{MAX_ACTION_SECONDS, MAX_SECONDS};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// A program that was asked to stop gets this long before it is killed. An engine gets as long to
/// go on with the log of a container that is over, and to note a container's end: both take
/// milliseconds on a quiet machine.
const GRACE: Duration = Duration::from_secs(2);

/// How a container stood when its probes were over.
enum Probing {
    Exited(Exit),
    Answered,
    Silent,
}

/// Runs the variant's container until it has exited, or has answered its probes and been
/// through its actions. `tools` are the images of debug containers, by folder.
pub(super) async fn run(
    ctx: &RunContext<'_>,
    image: &str,
    peers: &Peers,
    tools: &BTreeMap<String, String>,
) -> Result<Evidence, UserError> {
    let variant = &ctx.spec.variant;
    let seconds = variant.run.seconds.unwrap_or(MAX_SECONDS).min(MAX_SECONDS);
    let step = Step::start(ctx.log, Phase::Run, "run", "running the container");
    let request = ContainerRequest {
        name: format!("empty-room-{}-app", ctx.spec.id),
        image: image.to_owned(),
        command: variant.run.command.clone(),
        env: variant
            .run
            .env
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect(),
        attachment: match &peers.network {
            Some(network) => Attachment::PrivateNetwork(network.clone(), "app".into()),
            None => Attachment::Isolated,
        },
        peers: peers.names.clone(),
        nano_cpus: variant.run.cpus.map(|cpus| (cpus * 1e9) as i64),
        memory_bytes: variant.run.memory_mib.map(|mib| i64::from(mib) << 20),
        mounts: Mounts {
            read_only: variant.run.read_only,
            tmpfs: variant.run.tmpfs.clone(),
            volumes: variant.run.volumes.clone(),
            unprivileged_port_start: variant.run.unprivileged_port_start,
        },
    };
    // An engine that refuses is the lab's subject; one that does not answer is not.
    let cannot_start = |error: StartError, refused_at: Moment| match error {
        StartError::Engine(_) => Err(start_error(error)),
        StartError::Refused { message, exit_code } => Ok(Evidence {
            outcome: Some(Outcome::CannotStart),
            exit_code,
            engine: message,
            refused_at: Some(refused_at),
            ..Evidence::default()
        }),
    };
    let container = match create(&ctx.site(), request).await {
        Ok(container) => container,
        Err(error) => {
            step.failed(&error.to_string());
            return cannot_start(error, Moment::Create);
        }
    };
    if let Err(error) = start(&ctx.site(), &container).await {
        step.failed(&error.to_string());
        return cannot_start(error, Moment::Start);
    }
    let mut output = Box::pin(ctx.engine.output(&container));
    let mut program = ProgramOutput::default();
    let mut evidence = Evidence::default();
    let probing = probe(ctx, &container, seconds, &mut evidence.probed);
    let probing = reading(
        &mut output,
        |stream, text| program.push(ctx, stream, text),
        probing,
    )
    .await?;
    let after = match probing {
        Probing::Exited(exit) => After::Ended(exit),
        Probing::Silent => {
            evidence.remark = Some(format!("it was still running after {seconds} s"));
            After::Serving
        }
        Probing::Answered => {
            evidence.outcome = Some(Outcome::Serves);
            if let Ok(Some(bytes)) = ctx.engine.memory(&container).await {
                ctx.log.push(Event::Memory { bytes });
            }
            let actions = actions::perform(ctx, &container, tools, &mut evidence.acted);
            let most = Duration::from_secs(MAX_ACTION_SECONDS.into());
            let performed = timeout(most, actions);
            let performed = reading(
                &mut output,
                |stream, text| program.push(ctx, stream, text),
                performed,
            )
            .await;
            performed.unwrap_or_else(|_| {
                let most = most.as_secs();
                evidence.remark = Some(format!("all that was done to it took over {most} s"));
                Ok(After::Serving)
            })?
        }
    };
    match after {
        After::Serving => terminate(ctx, &container, &mut output, &mut program).await,
        After::Stopped | After::Ended(_) => {
            read_rest(&mut output, GRACE, |stream, text| {
                program.push(ctx, stream, text)
            })
            .await
        }
    }
    evidence.program = program.text();
    if let After::Ended(exit) = after {
        note_exit(&mut evidence, exit);
    }
    match evidence.outcome {
        Some(Outcome::CannotStart) => step.failed(&evidence.engine),
        _ => step.done(),
    }
    Ok(evidence)
}

/// What it means that the container has ended by itself.
fn note_exit(evidence: &mut Evidence, exit: Exit) {
    evidence.exit_code = Some(exit.code);
    if exit.out_of_memory {
        evidence.remark = Some("killed for using more memory than its limit".into());
    }
    match engine::exec_failure(exit.code, &evidence.program) {
        Some(line) => {
            evidence.outcome = Some(Outcome::CannotStart);
            evidence.engine = line;
        }
        None => evidence.outcome = Some(Outcome::Exits),
    }
}

/// Waits until the container has ended, has answered its probes, or is out of time.
async fn probe(
    ctx: &RunContext<'_>,
    container: &str,
    seconds: u32,
    probed: &mut Vec<Probed>,
) -> Result<Probing, UserError> {
    let questions = async {
        if ctx.spec.variant.probes.is_empty() {
            std::future::pending::<()>().await;
        }
        run_prober(ctx, container, seconds, probed).await
    };
    let exit = ctx.engine.wait_undisturbed(container);
    tokio::pin!(exit);
    let asked = tokio::select! {
        biased;
        exit = &mut exit => return Ok(Probing::Exited(exit.map_err(engine_error)?)),
        asked = questions => asked,
        () = sleep(Duration::from_secs(seconds.into())) => Ok(()),
    };
    if let Err(error) = asked {
        // Nobody can join a program that has exited: the engine notes that a little later. One
        // that goes on for longer had not exited, and the error is ours.
        let Ok(exit) = timeout(GRACE, exit).await else {
            return Err(error);
        };
        log::info!(
            "run {}: no answers, its program has exited: {error}",
            ctx.spec.id
        );
        return Ok(Probing::Exited(exit.map_err(engine_error)?));
    }
    Ok(match probed.iter().any(|answer| answer.status.is_some()) {
        true => Probing::Answered,
        false => Probing::Silent,
    })
}

/// SIGTERM, and what the program writes then; what ignores it is killed by the clean-up.
async fn terminate(
    ctx: &RunContext<'_>,
    container: &str,
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    program: &mut ProgramOutput,
) {
    if ctx.engine.terminate(container).await.is_ok() {
        let _ = timeout(
            GRACE,
            read_rest(output, GRACE, |stream, text| {
                program.push(ctx, stream, text)
            }),
        )
        .await;
    }
}

/// Puts the variant's questions; answers go to `probed`.
async fn run_prober(
    ctx: &RunContext<'_>,
    container: &str,
    seconds: u32,
    probed: &mut Vec<Probed>,
) -> Result<(), UserError> {
    let variant = &ctx.spec.variant;
    let step = Step::start(ctx.log, Phase::Probe, "probe", "asking it questions");
    let name = format!("empty-room-{}-prober", ctx.spec.id);
    let port = variant.run.port.unwrap_or(8080);
    let attachment = Attachment::NetworkOf(container.to_owned());
    let request = ContainerRequest {
        command: Some(prober::command(port, seconds, &variant.probes)),
        ..ContainerRequest::new(name, &prober::image(), attachment)
    };
    let asked = async {
        let prober = create(&ctx.site(), request).await.map_err(start_error)?;
        start(&ctx.site(), &prober).await.map_err(start_error)?;
        let mut output = Box::pin(ctx.engine.output(&prober));
        let mut pending = String::new();
        while let Some((_, text)) = output.next().await {
            pending.push_str(&text);
            while let Some(end) = pending.find('\n') {
                let line: String = pending.drain(..=end).collect();
                if let Some(answer) = prober::parse_answer(line.trim(), &variant.probes) {
                    ctx.log.push(Event::Probed(answer.clone()));
                    probed.push(answer);
                }
            }
        }
        Ok::<_, UserError>(())
    };
    let asked = asked.await;
    step.end_as(&asked);
    asked
}
