//! A raw connection that somebody can end for certain.
//!
//! gRPC clients and servers close what they read from when they see fit; a [`Lease`] says when.

use crate::address::Wire;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

/// Holds a connection open; dropping it reads as end-of-file on the connection.
#[derive(Debug)]
pub(super) struct Lease {
    _guard: DropGuard,
}

/// A connection, for as long as its [`Lease`] lives.
pub(super) struct Duplex {
    io: Box<dyn Wire>,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Duplex {
    pub(super) fn over(io: Box<dyn Wire>) -> (Duplex, Lease) {
        let token = CancellationToken::new();
        let duplex = Duplex {
            io,
            ended: Box::pin(token.clone().cancelled_owned()),
        };
        let lease = Lease {
            _guard: token.drop_guard(),
        };
        (duplex, lease)
    }
}

impl AsyncRead for Duplex {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ended.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Duplex {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.io).poll_write(cx, buf))?;
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Connected for Duplex {
    type ConnectInfo = ();
    fn connect_info(&self) {}
}
