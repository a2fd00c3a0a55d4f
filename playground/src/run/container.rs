//! The life of the variant's container: started, asked, acted on, until it has ended.

use super::actions::{self, After};
use super::evidence::Evidence;
use super::execute::RunContext;
use super::output::Heard;
use super::peers::{Beside, create, ours, refused, start};
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

/// A program that was asked to stop gets this long before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// How a container stood when its questions had been put.
enum Asked {
    Ended(Exit),
    Answered,
    Silent,
}

/// Runs the variant's container until it has exited, or has answered its probes and been
/// through its actions. `tools` are the images of debug containers, by folder.
pub(super) async fn live(
    ctx: &RunContext<'_>,
    image: &str,
    beside: &Beside,
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
        attachment: match &beside.network {
            Some(network) => Attachment::PrivateNetwork(network.clone(), "app".into()),
            None => Attachment::Isolated,
        },
        peers: beside.names.clone(),
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
        StartError::Engine(_) => Err(refused(error)),
        StartError::Refused { message, exit_code } => Ok(Evidence {
            outcome: Some(Outcome::CannotStart),
            exit_code,
            engine: message,
            refused_at: Some(refused_at),
            ..Evidence::default()
        }),
    };
    let container = match create(ctx, request).await {
        Ok(container) => container,
        Err(error) => {
            step.failed(&error.to_string());
            return cannot_start(error, Moment::Create);
        }
    };
    if let Err(error) = start(ctx, &container).await {
        step.failed(&error.to_string());
        return cannot_start(error, Moment::Start);
    }
    let mut output = Box::pin(ctx.engine.output(&container));
    let mut program = Heard::default();
    let mut evidence = Evidence::default();
    let asked = ask(ctx, &container, seconds, &mut evidence.probed);
    let asked = hearing(ctx, &mut output, &mut program, asked).await?;
    let after = match asked {
        Asked::Ended(exit) => After::Ended(exit),
        Asked::Silent => {
            evidence.remark = Some(format!("it was still running after {seconds} s"));
            After::Serving
        }
        Asked::Answered => {
            evidence.outcome = Some(Outcome::Serves);
            let acts = actions::perform(ctx, &container, tools, &mut evidence.acted);
            let most = Duration::from_secs(MAX_ACTION_SECONDS.into());
            let acts = hearing(ctx, &mut output, &mut program, timeout(most, acts)).await;
            acts.unwrap_or_else(|_| {
                let most = most.as_secs();
                evidence.remark = Some(format!("all that was done to it took over {most} s"));
                Ok(After::Serving)
            })?
        }
    };
    match after {
        After::Serving => goodbye(ctx, &container, &mut output, &mut program).await,
        After::Stopped | After::Ended(_) => drain(ctx, &mut output, &mut program).await,
    }
    evidence.program = program.text();
    if let After::Ended(exit) = after {
        ended(&mut evidence, exit);
    }
    match evidence.outcome {
        Some(Outcome::CannotStart) => step.failed(&evidence.engine),
        _ => step.done(),
    }
    Ok(evidence)
}

/// What it means that the container has ended by itself.
fn ended(evidence: &mut Evidence, exit: Exit) {
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
async fn ask(
    ctx: &RunContext<'_>,
    container: &str,
    seconds: u32,
    probed: &mut Vec<Probed>,
) -> Result<Asked, UserError> {
    let questions = async {
        if ctx.spec.variant.probes.is_empty() {
            std::future::pending::<()>().await;
        }
        probe(ctx, container, seconds, probed).await
    };
    tokio::select! {
        biased;
        exit = ctx.engine.wait(container) => return Ok(Asked::Ended(exit.map_err(ours)?)),
        answered = questions => answered?,
        () = sleep(Duration::from_secs(seconds.into())) => {}
    }
    Ok(match probed.iter().any(|answer| answer.status.is_some()) {
        true => Asked::Answered,
        false => Asked::Silent,
    })
}

/// Passes on what the program writes while something else goes on.
async fn hearing<T>(
    ctx: &RunContext<'_>,
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    program: &mut Heard,
    work: impl Future<Output = T>,
) -> T {
    let mut listening = true;
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            piece = output.next(), if listening => match piece {
                Some((stream, text)) => program.hear(ctx, stream, text),
                None => listening = false,
            },
            done = &mut work => return done,
        }
    }
}

/// SIGTERM, and the program's last words; what does not listen is killed by the clean-up.
async fn goodbye(
    ctx: &RunContext<'_>,
    container: &str,
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    program: &mut Heard,
) {
    if ctx.engine.terminate(container).await.is_ok() {
        drain(ctx, output, program).await;
    }
}

/// Last words that are still under way.
async fn drain(
    ctx: &RunContext<'_>,
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    program: &mut Heard,
) {
    let words = async {
        while let Some((stream, text)) = output.next().await {
            program.hear(ctx, stream, text);
        }
    };
    let _ = timeout(GRACE, words).await;
}

/// Puts the variant's questions; answers go to `probed`.
async fn probe(
    ctx: &RunContext<'_>,
    app: &str,
    seconds: u32,
    probed: &mut Vec<Probed>,
) -> Result<(), UserError> {
    let variant = &ctx.spec.variant;
    let step = Step::start(ctx.log, Phase::Probe, "probe", "asking it questions");
    let name = format!("empty-room-{}-prober", ctx.spec.id);
    let port = variant.run.port.unwrap_or(8080);
    let beside = Attachment::NetworkOf(app.to_owned());
    let request = ContainerRequest {
        command: Some(prober::command(port, seconds, &variant.probes)),
        ..ContainerRequest::new(name, &prober::image(), beside)
    };
    let asked = async {
        let prober = create(ctx, request).await.map_err(refused)?;
        start(ctx, &prober).await.map_err(refused)?;
        let mut output = Box::pin(ctx.engine.output(&prober));
        let mut pending = String::new();
        while let Some((_, text)) = output.next().await {
            pending.push_str(&text);
            while let Some(end) = pending.find('\n') {
                let line: String = pending.drain(..=end).collect();
                if let Some(answer) = prober::read(line.trim(), &variant.probes) {
                    ctx.log.push(Event::Probed(answer.clone()));
                    probed.push(answer);
                }
            }
        }
        Ok::<_, UserError>(())
    };
    match asked.await {
        Ok(()) => {
            step.done();
            Ok(())
        }
        Err(error) => {
            step.failed(&error.what);
            // The program may simply have exited first: its own wait, which is polled
            // beside this, then tells so before this second is over.
            sleep(Duration::from_secs(1)).await;
            Err(error)
        }
    }
}
