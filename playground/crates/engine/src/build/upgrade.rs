//! HTTP/1.1 connections to the engine that turn into something else (`Upgrade: h2c`).
//!
//! Docker's `/grpc` and `/session` endpoints hand the raw socket over after a
//! `101 Switching Protocols`. bollard does this inside its own BuildKit driver only, and
//! leaves one socket behind per build; here a [`Lease`] ends the connection for certain.

use super::duplex::{Duplex, Lease};
use crate::address::{Address, Wire};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use std::io;

/// POSTs to `path` with `Upgrade: h2c` and hands over the connection.
///
/// # Errors
///
/// [`io::ErrorKind::Unsupported`] where the engine has no such endpoint, any other kind where
/// it does not answer or fails.
pub(super) async fn upgrade(
    address: &Address,
    path: &str,
    headers: &[(&str, &str)],
) -> io::Result<(Duplex, Lease)> {
    let wire: Box<dyn Wire> = address.connect().await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(wire))
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection.with_upgrades());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("Host", "docker")
        .header("Connection", "Upgrade")
        .header("Upgrade", "h2c");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    let response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map(|b| String::from_utf8_lossy(&b.to_bytes()).trim().to_owned())
            .unwrap_or_default();
        // An engine that fails (5xx) may well have the endpoint.
        let kind = if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
            io::ErrorKind::Other
        } else {
            io::ErrorKind::Unsupported
        };
        return Err(io::Error::new(
            kind,
            format!("the engine answered {status} to POST {path}: {body}"),
        ));
    }
    let upgraded = hyper::upgrade::on(response)
        .await
        .map_err(io::Error::other)?;
    Ok(Duplex::over(Box::new(TokioIo::new(upgraded))))
}
