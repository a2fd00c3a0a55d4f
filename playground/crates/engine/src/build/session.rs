//! What BuildKit may ask of us while it builds: the context, and nothing else.
//!
//! BuildKit calls back over a connection that we open (`/session`). Three services are
//! served on it: Health (it polls), Auth (always anonymous) and Upload (the context tar).
//! No secrets, no SSH agent, no file sync: a Dockerfile reaches nothing of the reader's.

use super::upgrade::{Lease, upgrade};
use crate::address::Address;
use crate::random::random_hex;
use bollard_buildkit_proto::health::health_check_response::ServingStatus;
use bollard_buildkit_proto::health::health_server::{Health, HealthServer};
use bollard_buildkit_proto::health::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
};
use bollard_buildkit_proto::moby::filesync::v1::auth_server::{Auth, AuthServer};
use bollard_buildkit_proto::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
    GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse,
};
use bollard_buildkit_proto::moby::upload::v1::BytesMessage;
use bollard_buildkit_proto::moby::upload::v1::upload_server::{Upload, UploadServer};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

/// BuildKit refuses messages over 16 MiB; small pieces also let it report progress.
const CHUNK: usize = 32 * 1024;
/// Tells the engine of a method that it may call.
const METHOD: &str = "X-Docker-Expose-Session-Grpc-Method";

/// An open session; the engine may call back until it is dropped.
#[derive(Debug)]
pub(super) struct Session {
    /// Names the session in the solve request.
    pub(super) id: String,
    _lease: Lease,
}

impl Session {
    /// Opens a session that offers `context` (a tar) under [`Session::context_url`].
    pub(super) async fn open(address: &Address, context: Bytes) -> std::io::Result<Session> {
        let id = random_hex(12)?;
        let (duplex, lease) = upgrade(
            address,
            "/session",
            &[
                ("X-Docker-Expose-Session-Uuid", id.as_str()),
                (METHOD, "/moby.filesync.v1.Auth/Credentials"),
                (METHOD, "/moby.upload.v1.Upload/Pull"),
                (METHOD, "/grpc.health.v1.Health/Check"),
            ],
        )
        .await?;
        let server = tonic::transport::Server::builder()
            .add_service(HealthServer::new(Alive))
            .add_service(AuthServer::new(Anonymous))
            .add_service(UploadServer::new(ContextUpload { context }));
        let incoming = stream::iter([Ok::<_, std::io::Error>(duplex)]);
        tokio::spawn(async move {
            if let Err(error) = server.serve_with_incoming(incoming).await {
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
