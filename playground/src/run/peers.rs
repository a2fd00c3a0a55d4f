//! Peers: containers that a lab declares to stand on a private network with the variant's.
//!
//! Owns their start and the files that they hand to a build, and creates and starts any container
//! of a run so that nothing of it stays behind.

use super::execute::RunContext;
use super::site::Site;
use super::steps::Step;
use crate::event::Phase;
use catalog::Peer;
use engine::{Attachment, ContainerRequest, EngineError, PrivateNetwork, StartError};
use futures_util::StreamExt;
use policy::UserError;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// The peers of a run, and their network.
#[derive(Debug, Default)]
pub(super) struct Peers {
    pub(super) network: Option<PrivateNetwork>,
    /// Peer id → container.
    containers: BTreeMap<String, String>,
    /// Names on the network, and the containers that they mean.
    pub(super) names: Vec<(String, String)>,
}

/// Files taken out of a peer's image: certificates, not programs.
const MAX_PROVIDED: usize = 64 * 1024;

/// Starts a peer on the run's private network and waits until it says that it is ready.
pub(super) async fn start_peer(
    ctx: &RunContext<'_>,
    peers: &mut Peers,
    peer: &Peer,
    image: &str,
) -> Result<(), UserError> {
    let title = format!("starting {} beside it, on a private network", peer.alias);
    let step = Step::start(ctx.log, Phase::Run, &format!("peer:{}", peer.id), &title);
    let network = match &peers.network {
        Some(network) => network.clone(),
        None => {
            let (engine, owner) = (ctx.engine.clone(), ctx.state.owner.clone());
            let run = ctx.spec.id.clone();
            ctx.cleanup.network(&format!("empty-room-{run}"));
            let network = ctx
                .cleanup
                .to_the_end(async move { engine.private_network(&owner, &run).await })
                .await
                .and_then(|made| made)
                .map_err(engine_error)?;
            peers.network.insert(network).clone()
        }
    };
    let name = format!("empty-room-{}-{}", ctx.spec.id, peer.id);
    let attachment = Attachment::PrivateNetwork(network, peer.alias.clone());
    let request = ContainerRequest {
        peers: peers.names.clone(),
        ..ContainerRequest::new(name, image, attachment)
    };
    let container = create(&ctx.site(), request).await.map_err(start_error)?;
    start(&ctx.site(), &container).await.map_err(start_error)?;
    let mut output = Box::pin(ctx.engine.output(&container));
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
            peers.names.push((peer.alias.clone(), container.clone()));
            peers.containers.insert(peer.id.clone(), container);
            step.done();
            Ok(())
        }
        unready => {
            let said = unready.map_or_else(
                |_| "nothing within 10 s".into(),
                |e| e.err().unwrap_or_default(),
            );
            step.failed(&said);
            Err(UserError {
                what: format!("{} did not become ready: {}", peer.alias, said.trim()),
                cause: "the lab's peer is broken, or the machine is very busy".into(),
                next: "press Run again; if it stays, please report the lab".into(),
            })
        }
    }
}

/// The files that peers hand to the variant's build.
pub(super) async fn provided(
    ctx: &RunContext<'_>,
    peers: &Peers,
) -> Result<BTreeMap<String, Vec<u8>>, UserError> {
    let mut files = BTreeMap::new();
    for provide in &ctx.spec.variant.provides {
        let Some(container) = peers.containers.get(&provide.peer) else {
            continue;
        };
        let bytes = ctx
            .engine
            .read_file(container, &provide.path, MAX_PROVIDED)
            .await
            .map_err(engine_error)?;
        files.insert(provide.file.clone(), bytes);
    }
    Ok(files)
}

pub(crate) async fn create(
    site: &Site<'_>,
    request: ContainerRequest,
) -> Result<String, StartError> {
    site.cleanup.container(&request.name);
    let (engine, owner) = (site.engine.clone(), site.state.owner.clone());
    site.cleanup
        .to_the_end(async move { engine.create(&owner, &request).await })
        .await
        .unwrap_or_else(|error| Err(error.into()))
}

pub(crate) async fn start(site: &Site<'_>, container: &str) -> Result<(), StartError> {
    let (engine, container) = (site.engine.clone(), container.to_owned());
    site.cleanup
        .to_the_end(async move { engine.start(&container).await })
        .await
        .unwrap_or_else(|error| Err(error.into()))
}

pub(crate) fn start_error(error: StartError) -> UserError {
    engine_error(error.into())
}

pub(crate) fn engine_error(error: EngineError) -> UserError {
    UserError {
        what: format!("The engine refused: {error}"),
        cause: "it was stopped, is out of room, or lacks something that the run needs".into(),
        next: "check that `docker info` answers, then press Run again".into(),
    }
}
