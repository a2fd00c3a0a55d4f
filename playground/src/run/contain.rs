//! Running: peers beside, the variant's own container, the prober in its namespace.

use super::acts;
use super::evidence::{Evidence, exec_failure};
use super::execute::Bench;
use super::hear::Heard;
use super::prober;
use super::steps::Step;
use crate::catalog::{Deed, Moment, Outcome, Peer};
use crate::engine::{
    self, Attachment, ContainerRequest, EngineError, Mounts, PrivateNetwork, StartError,
};
use crate::event::{ActKind, Event, Phase, Stream, Trouble};
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// What stands beside the variant's container.
#[derive(Debug, Default)]
pub(super) struct Beside {
    network: Option<PrivateNetwork>,
    /// Peer id → container.
    peers: BTreeMap<String, String>,
    /// Names on the network, and the containers that they mean.
    names: Vec<(String, String)>,
}

/// A program that was asked to stop gets this long before it is killed.
const GRACE: Duration = Duration::from_secs(2);
/// What a stop that has ended the program may still take.
const LAST_ACT: Duration = Duration::from_secs(5);
/// Files taken out of a peer's image: certificates, not programs.
const MOST_PROVIDED: usize = 64 * 1024;

/// Starts a peer on the run's private network and waits until it says that it is ready.
pub(super) async fn start_peer(
    bench: &Bench<'_>,
    beside: &mut Beside,
    peer: &Peer,
    image: &str,
) -> Result<(), Trouble> {
    let title = format!("starting {} beside it, on a private network", peer.alias);
    let step = Step::start(bench.log, Phase::Run, &format!("peer:{}", peer.id), &title);
    let network = match &beside.network {
        Some(network) => network.clone(),
        None => {
            let (engine, owner) = (bench.engine.clone(), bench.launch.owner.clone());
            let run = bench.order.id.clone();
            bench.cleanup.network(&format!("empty-room-{run}"));
            let network = bench
                .cleanup
                .to_the_end(async move { engine.private_network(&owner, &run).await })
                .await
                .and_then(|made| made)
                .map_err(ours)?;
            beside.network.insert(network).clone()
        }
    };
    let request = ContainerRequest {
        name: format!("empty-room-{}-{}", bench.order.id, peer.id),
        image: image.to_owned(),
        command: None,
        env: Vec::new(),
        attachment: Attachment::Private(network, peer.alias.clone()),
        neighbours: beside.names.clone(),
        memory_bytes: None,
        mounts: Mounts::default(),
    };
    let container = create(bench, request).await.map_err(refused)?;
    start(bench, &container).await.map_err(refused)?;
    let mut output = Box::pin(bench.engine.output(&container));
    let ready = async {
        let mut said = String::new();
        while let Some((_, text)) = output.next().await {
            said.push_str(&text);
            if peer.ready.is_match(&said) {
                return Ok(());
            }
        }
        Err(said)
    };
    match timeout(Duration::from_secs(10), ready).await {
        Ok(Ok(())) => {
            beside.names.push((peer.alias.clone(), container.clone()));
            beside.peers.insert(peer.id.clone(), container);
            step.done();
            Ok(())
        }
        unready => {
            let said = unready.map_or_else(
                |_| "nothing within 10 s".into(),
                |e| e.err().unwrap_or_default(),
            );
            step.failed(&said);
            Err(Trouble {
                what: format!("{} did not become ready: {}", peer.alias, said.trim()),
                cause: "the lab's peer is broken, or the machine is very busy".into(),
                next: "press Run again; if it stays, please report the lab".into(),
            })
        }
    }
}

/// The files that peers hand to the variant's build.
pub(super) async fn provided(
    bench: &Bench<'_>,
    beside: &Beside,
) -> Result<BTreeMap<String, Vec<u8>>, Trouble> {
    let mut files = BTreeMap::new();
    for provide in &bench.order.variant.provides {
        let Some(container) = beside.peers.get(&provide.peer) else {
            continue;
        };
        let bytes = bench
            .engine
            .read_file(container, &provide.path, MOST_PROVIDED)
            .await
            .map_err(ours)?;
        files.insert(provide.file.clone(), bytes);
    }
    Ok(files)
}

/// Runs the variant's container until it has exited, or has answered its probes and been
/// through its acts. `tools` are the images of debug containers, by folder.
pub(super) async fn run_and_probe(
    bench: &Bench<'_>,
    image: &str,
    beside: &Beside,
    tools: &BTreeMap<String, String>,
) -> Result<Evidence, Trouble> {
    let variant = &bench.order.variant;
    let most = engine::limits();
    let seconds = variant
        .run
        .seconds
        .map_or(most.seconds, |s| s.min(most.seconds));
    let step = Step::start(bench.log, Phase::Run, "run", "running the container");
    let request = ContainerRequest {
        name: format!("empty-room-{}-app", bench.order.id),
        image: image.to_owned(),
        command: variant.run.command.clone(),
        env: variant
            .run
            .env
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect(),
        attachment: match &beside.network {
            Some(network) => Attachment::Private(network.clone(), "app".into()),
            None => Attachment::Nothing,
        },
        neighbours: beside.names.clone(),
        memory_bytes: variant.run.memory_mib.map(|mib| i64::from(mib) << 20),
        mounts: Mounts {
            read_only: variant.run.read_only,
            tmpfs: variant.run.tmpfs.clone(),
            volumes: variant.run.volumes.clone(),
            unprivileged_port_start: variant.run.unprivileged_port_start,
        },
    };
    // An engine that refuses is the lab's subject; one that does not answer is not.
    let cannot_start = |error: StartError, refused_at: Moment| {
        if !error.answered {
            return Err(refused(error));
        }
        Ok(Evidence {
            outcome: Some(Outcome::CannotStart),
            exit_code: error.exit_code,
            engine: error.message,
            refused_at: Some(refused_at),
            ..Evidence::default()
        })
    };
    let container = match create(bench, request).await {
        Ok(container) => container,
        Err(error) => {
            step.failed(&error.message);
            return cannot_start(error, Moment::Create);
        }
    };
    if let Err(error) = start(bench, &container).await {
        step.failed(&error.message);
        return cannot_start(error, Moment::Start);
    }
    let mut output = Box::pin(bench.engine.output(&container));
    let mut program = Heard::default();
    let mut probed = Vec::new();
    let mut acted = Vec::new();
    let mut exit = None;
    {
        let exited = bench.engine.wait(&container);
        let asked = async {
            if variant.probes.is_empty() {
                std::future::pending::<()>().await;
            }
            probe(bench, &container, seconds, &mut probed).await?;
            if probed.iter().any(|answer| answer.status.is_some()) {
                acts::perform(bench, &container, tools, &mut acted).await?;
            }
            Ok::<_, Trouble>(())
        };
        let stops = variant.acts.iter().any(|act| act.deed == Deed::Stop);
        let mut listening = true;
        let more = if variant.acts.is_empty() {
            0
        } else {
            most.act_seconds
        };
        let limit = tokio::time::sleep(Duration::from_secs((seconds + more).into()));
        tokio::pin!(exited, asked, limit);
        loop {
            tokio::select! {
                biased;
                piece = output.next(), if listening => match piece {
                    Some((stream, text)) => program.hear(bench, stream, text),
                    None => listening = false,
                },
                ended = &mut exited, if exit.is_none() => {
                    exit = Some(ended.map_err(ours)?);
                    // A stop ends the program, and is still measuring.
                    if !stops {
                        break;
                    }
                    limit.as_mut().reset(tokio::time::Instant::now() + LAST_ACT);
                }
                answered = &mut asked => {
                    answered?;
                    break;
                }
                () = &mut limit => break,
            }
        }
    }
    let mut evidence = Evidence {
        probed,
        acted,
        ..Evidence::default()
    };
    let stopped = evidence.acted.iter().any(|act| act.kind == ActKind::Stop);
    match exit {
        Some(_) if stopped => {
            evidence.outcome = Some(Outcome::Serves);
            drain(bench, &mut output, &mut program).await;
            step.done();
        }
        Some(exit) => {
            drain(bench, &mut output, &mut program).await;
            evidence.exit_code = Some(exit.code);
            if exit.out_of_memory {
                evidence.remark = Some("killed for using more memory than its limit".into());
            }
            match exec_failure(exit.code, &program.text()) {
                Some(line) => {
                    evidence.outcome = Some(Outcome::CannotStart);
                    evidence.engine = line;
                    step.failed(&evidence.engine);
                }
                None => {
                    evidence.outcome = Some(Outcome::Exits);
                    step.done();
                }
            }
        }
        None => {
            let answered = evidence.probed.iter().any(|p| p.status.is_some());
            if answered {
                evidence.outcome = Some(Outcome::Serves);
            } else {
                evidence.remark = Some(format!("it was still running after {seconds} s"));
            }
            goodbye(bench, &container, &mut output, &mut program).await;
            step.done();
        }
    }
    evidence.program = program.text();
    Ok(evidence)
}

/// SIGTERM, and the program's last words; what does not listen is killed by the clean-up.
async fn goodbye(
    bench: &Bench<'_>,
    container: &str,
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    program: &mut Heard,
) {
    if bench.engine.terminate(container).await.is_ok() {
        drain(bench, output, program).await;
    }
}

/// Last words that are still under way.
async fn drain(
    bench: &Bench<'_>,
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    program: &mut Heard,
) {
    let words = async {
        while let Some((stream, text)) = output.next().await {
            program.hear(bench, stream, text);
        }
    };
    let _ = timeout(GRACE, words).await;
}

/// Puts the variant's questions; answers go to `probed`.
async fn probe(
    bench: &Bench<'_>,
    app: &str,
    seconds: u32,
    probed: &mut Vec<crate::event::Probed>,
) -> Result<(), Trouble> {
    let variant = &bench.order.variant;
    let step = Step::start(bench.log, Phase::Probe, "probe", "asking it questions");
    let request = ContainerRequest {
        name: format!("empty-room-{}-prober", bench.order.id),
        image: prober::image(),
        command: Some(prober::command(
            variant.run.port.unwrap_or(8080),
            seconds,
            &variant.probes,
        )),
        env: Vec::new(),
        attachment: Attachment::Beside(app.to_owned()),
        neighbours: Vec::new(),
        memory_bytes: None,
        mounts: Mounts::default(),
    };
    let asked = async {
        let prober = create(bench, request).await.map_err(refused)?;
        start(bench, &prober).await.map_err(refused)?;
        let mut output = Box::pin(bench.engine.output(&prober));
        let mut pending = String::new();
        while let Some((_, text)) = output.next().await {
            pending.push_str(&text);
            while let Some(end) = pending.find('\n') {
                let line: String = pending.drain(..=end).collect();
                if let Some(answer) = prober::read(line.trim(), &variant.probes) {
                    bench.log.push(Event::Probed(answer.clone()));
                    probed.push(answer);
                }
            }
        }
        Ok::<_, Trouble>(())
    };
    match asked.await {
        Ok(()) => {
            step.done();
            Ok(())
        }
        Err(trouble) => {
            step.failed(&trouble.what);
            // The program may simply have exited first: its own wait, which is polled
            // beside this, then tells so before this second is over.
            tokio::time::sleep(Duration::from_secs(1)).await;
            Err(trouble)
        }
    }
}

pub(super) async fn create(
    bench: &Bench<'_>,
    request: ContainerRequest,
) -> Result<String, StartError> {
    bench.cleanup.container(&request.name);
    let (engine, owner) = (bench.engine.clone(), bench.launch.owner.clone());
    bench
        .cleanup
        .to_the_end(async move { engine.create(&owner, &request).await })
        .await
        .unwrap_or_else(|error| Err(error.into()))
}

pub(super) async fn start(bench: &Bench<'_>, container: &str) -> Result<(), StartError> {
    let (engine, container) = (bench.engine.clone(), container.to_owned());
    bench
        .cleanup
        .to_the_end(async move { engine.start(&container).await })
        .await
        .unwrap_or_else(|error| Err(error.into()))
}

pub(super) fn refused(error: StartError) -> Trouble {
    ours(EngineError(error.message))
}

pub(super) fn ours(error: EngineError) -> Trouble {
    Trouble {
        what: format!("The engine refused: {error}"),
        cause: "it was stopped, is out of room, or lacks something that the run needs".into(),
        next: "check that `docker info` answers, then press Run again".into(),
    }
}
