//! How an engine's builder is reached: found out at its first build, and remembered.
//!
//! Owns the one decision between the three ways, the newest first. Refuses to know what is built.

use super::buildkit::ours;
use super::duplex::{Duplex, Lease};
use super::session::Session;
use super::upgrade::upgrade;
use crate::connection::Engine;
use crate::error::BuildError;
use crate::kind::Route;
use bollard_buildkit_proto::moby::buildkit::v1::InfoRequest;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bytes::Bytes;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

/// The first API version whose socket may speak gRPC.
const NATIVE_SINCE: (u32, u32) = (1, 53);
/// How long what may be BuildKit may take to say so; it takes milliseconds.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// A way to BuildKit, open until it is dropped.
pub(super) struct Reached {
    pub(super) session: Session,
    pub(super) channel: Channel,
    pub(super) lease: Lease,
}

impl Engine {
    /// A session and a connection to BuildKit, where the engine has one.
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub(super) async fn reach_buildkit(
        &self,
        context: &Bytes,
    ) -> Result<Option<Reached>, BuildError> {
        let route = self.builder.get_or_try_init(|| self.find_route());
        let reached = match route.await.map_err(ours)? {
            Route::Native => self.natively(context.clone()).await,
            Route::Upgraded => self.upgraded(context.clone()).await,
            Route::Classic => return Ok(None),
        };
        reached.map(Some).map_err(ours)
    }

    async fn find_route(&self) -> io::Result<Route> {
        let route = if self.api >= Some(NATIVE_SINCE) && self.serves_control().await {
            Route::Native
        } else {
            match self.upgraded(Bytes::new()).await {
                Ok(_) => Route::Upgraded,
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    log::info!("building without BuildKit: {error}");
                    Route::Classic
                }
                Err(error) => return Err(error),
            }
        };
        log::info!("builds of {} go the way {route:?}", self.address());
        Ok(route)
    }

    /// Whether BuildKit itself answers. That gRPC is spoken says nothing: an engine may have
    /// other services, or none yet.
    async fn serves_control(&self) -> bool {
        let probe = async {
            let (channel, _lease) = self.connect_natively().await.map_err(|e| e.to_string())?;
            let info = ControlClient::new(channel).info(InfoRequest {}).await;
            info.map(drop).map_err(|status| status.to_string())
        };
        let why = match timeout(PROBE_LIMIT, probe).await {
            Ok(Ok(())) => return true,
            Ok(Err(why)) => why,
            Err(_) => "no answer".to_owned(),
        };
        log::info!("no BuildKit on the engine's socket itself: {why}");
        false
    }

    async fn natively(&self, context: Bytes) -> io::Result<Reached> {
        let (channel, lease) = self.connect_natively().await?;
        Ok(Reached {
            session: Session::inside(channel.clone(), context)?,
            channel,
            lease,
        })
    }

    async fn connect_natively(&self) -> io::Result<(Channel, Lease)> {
        let (duplex, lease) = Duplex::over(self.address().connect().await?);
        Ok((channel_over(duplex).await?, lease))
    }

    async fn upgraded(&self, context: Bytes) -> io::Result<Reached> {
        let (session, (duplex, lease)) = tokio::try_join!(
            Session::upgraded(self.address(), context),
            upgrade(self.address(), "/grpc", &[]),
        )?;
        Ok(Reached {
            session,
            channel: channel_over(duplex).await?,
            lease,
        })
    }
}

/// A gRPC client on this one connection: where it ends, so does the client.
async fn channel_over(duplex: Duplex) -> io::Result<Channel> {
    let once = Arc::new(Mutex::new(Some(duplex)));
    let connector = service_fn(move |_| {
        let taken = once.lock().ok().and_then(|mut slot| slot.take());
        async move {
            taken
                .map(TokioIo::new)
                .ok_or_else(|| io::Error::other("the engine closed the connection"))
        }
    });
    Endpoint::from_static("http://buildkit")
        .connect_with_connector(connector)
        .await
        .map_err(io::Error::other)
}
