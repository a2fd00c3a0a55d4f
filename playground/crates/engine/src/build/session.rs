//! What BuildKit may ask of us while it builds: the context, and nothing else.
//!
//! BuildKit calls back over a connection that we open: `/session`, or a stream of pieces inside
//! its own `Control.Session`. Three services are served on it: Health (it polls), Auth (always
//! anonymous) and Upload (the context tar).
//! No secrets, no SSH agent, no file sync: a Dockerfile reaches nothing of the reader's.

use super::duplex::{Duplex, Lease};
use super::upgrade::upgrade;
use crate::address::Address;
use crate::random::random_hex;
use bollard_buildkit_proto::health::health_check_response::ServingStatus;
use bollard_buildkit_proto::health::health_server::{Health, HealthServer};
use bollard_buildkit_proto::health::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
};
use bollard_buildkit_proto::moby::buildkit::v1::BytesMessage as Piece;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::filesync::v1::auth_server::{Auth, AuthServer};
use bollard_buildkit_proto::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
    GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse,
};
use bollard_buildkit_proto::moby::upload::v1::BytesMessage;
use bollard_buildkit_proto::moby::upload::v1::upload_server::{Upload, UploadServer};
use bytes::Bytes;
use futures_util::future::ready;
use futures_util::stream::{self, BoxStream, StreamExt};
use std::io;
use tokio_util::io::{ReaderStream, StreamReader};
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

/// BuildKit refuses messages over 16 MiB; small pieces also let it report progress.
const CHUNK: usize = 32 * 1024;

/// An open session; the engine may call back until it is dropped.
#[derive(Debug)]
pub(super) struct Session {
    /// Names the session in the solve request.
    pub(super) id: String,
    _lease: Lease,
}

impl Session {
    /// Opens a session at `/session` that offers `context` (a tar) under
    /// [`Session::context_url`].
    pub(super) async fn upgraded(address: &Address, context: Bytes) -> io::Result<Session> {
        let id = random_hex(12)?;
        let told: Vec<_> = told(&id).collect();
        let (duplex, lease) = upgrade(address, "/session", &told).await?;
        serve(duplex, context);
        Ok(Session { id, _lease: lease })
    }

    /// The same inside `Control.Session`, on a connection to BuildKit that is there already.
    pub(super) fn inside(channel: Channel, context: Bytes) -> io::Result<Session> {
        let id = random_hex(12)?;
        let (here, there) = tokio::io::duplex(2 * CHUNK);
        let (duplex, lease) = Duplex::over(Box::new(here));
        let (read, mut write) = tokio::io::split(there);
        let pieces = ReaderStream::with_capacity(read, CHUNK)
            .filter_map(|piece| ready(piece.ok()))
            .map(|data| Piece { data: data.into() });
        let mut request = Request::new(pieces);
        for (name, value) in told(&id) {
            let value = AsciiMetadataValue::try_from(value).map_err(io::Error::other)?;
            request.metadata_mut().append(name, value);
        }
        serve(duplex, context);
        // BuildKit answers when it first calls, so nothing is awaited before the solve; it
        // waits for a session that it does not know yet.
        tokio::spawn(async move {
            let calls = match ControlClient::new(channel).session(request).await {
                Ok(answer) => answer.into_inner(),
                Err(status) => return log::warn!("no build session: {status}"),
            };
            let calls = calls.map(|piece| piece.map(|p| Bytes::from(p.data)));
            let mut calls = StreamReader::new(calls.map(|piece| piece.map_err(io::Error::other)));
            if let Err(error) = tokio::io::copy(&mut calls, &mut write).await {
                log::debug!("build session ended: {error}");
            }
        });
        Ok(Session { id, _lease: lease })
    }

    /// Where BuildKit fetches the context from.
    pub(super) fn context_url(&self) -> String {
        format!("http://buildkit-session/{}", self.id)
    }
}

/// What the engine is told of a session: its id, and the methods that it may call.
fn told(id: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let methods = [
        "/moby.filesync.v1.Auth/Credentials",
        "/moby.upload.v1.Upload/Pull",
        "/grpc.health.v1.Health/Check",
    ];
    let methods = methods.map(|method| ("x-docker-expose-session-grpc-method", method));
    [("x-docker-expose-session-uuid", id)]
        .into_iter()
        .chain(methods)
}

fn serve(duplex: Duplex, context: Bytes) {
    let server = tonic::transport::Server::builder()
        .add_service(HealthServer::new(Alive))
        .add_service(AuthServer::new(Anonymous))
        .add_service(UploadServer::new(ContextUpload { context }));
    let incoming = stream::iter([Ok::<_, io::Error>(duplex)]);
    tokio::spawn(async move {
        if let Err(error) = server.serve_with_incoming(incoming).await {
            log::debug!("build session ended: {error}");
        }
    });
}

struct Alive;

#[tonic::async_trait]
impl Health for Alive {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse {
            status: ServingStatus::Serving as i32,
        }))
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("health list"))
    }

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("health watch"))
    }
}

/// No credentials: what a build pulls, it pulls as anyone could.
struct Anonymous;

#[tonic::async_trait]
impl Auth for Anonymous {
    async fn credentials(
        &self,
        _: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        Ok(Response::new(CredentialsResponse::default()))
    }

    async fn fetch_token(
        &self,
        _: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("anonymous only"))
    }

    async fn get_token_authority(
        &self,
        _: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("anonymous only"))
    }

    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("anonymous only"))
    }
}

struct ContextUpload {
    context: Bytes,
}

#[tonic::async_trait]
impl Upload for ContextUpload {
    type PullStream = BoxStream<'static, Result<BytesMessage, Status>>;

    async fn pull(
        &self,
        _: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::PullStream>, Status> {
        let context = self.context.clone();
        let pieces = (0..context.len())
            .step_by(CHUNK)
            .map(move |from| context.slice(from..context.len().min(from + CHUNK)))
            .map(|piece| {
                Ok(BytesMessage {
                    data: piece.to_vec(),
                })
            });
        Ok(Response::new(stream::iter(pieces).boxed()))
    }
}
