//! A connection that ends where nothing passes over it any more.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream that fails with [`io::ErrorKind::TimedOut`] once neither side has sent anything for so
/// long.
///
/// One limit for both directions: whoever follows a run says nothing and is told much, and whoever
/// takes nothing of what it is told is idle, too. It bounds silence, not slowness: how many
/// connections one address may have, its owner counts.
#[derive(Debug)]
pub(super) struct UnlessIdle<S> {
    stream: S,
    limit: Duration,
    end: Pin<Box<Sleep>>,
}

impl<S: Unpin> UnlessIdle<S> {
    /// Counts from now.
    pub(super) fn new(stream: S, limit: Duration) -> UnlessIdle<S> {
        UnlessIdle {
            stream,
            limit,
            end: Box::pin(sleep(limit)),
        }
    }

    /// What came of an attempt: bytes count anew, and waiting has an end.
    fn watched<T>(
        &mut self,
        cx: &mut Context<'_>,
        moves_bytes: bool,
        attempt: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(done) = attempt(Pin::new(&mut self.stream), cx) {
            if moves_bytes {
                self.end.as_mut().reset(Instant::now() + self.limit);
            }
            return Poll::Ready(done);
        }
        ready!(self.end.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for UnlessIdle<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.watched(cx, true, |stream, cx| stream.poll_read(cx, buffer))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for UnlessIdle<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.watched(cx, true, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched(cx, false, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched(cx, false, |stream, cx| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const LIMIT: Duration = Duration::from_secs(180);

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_and_is_told_nothing_is_cut_off() {
        let (ours, _theirs) = duplex(64);
        let mut ours = UnlessIdle::new(ours, LIMIT);
        let since = Instant::now();
        let error = ours.read_u8().await.expect_err("nothing came");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(since.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_listens_stays() {
        let (ours, mut theirs) = duplex(64);
        let (mut reading, mut writing) = tokio::io::split(UnlessIdle::new(ours, LIMIT));
        let told = tokio::spawn(async move {
            for said in 0..10 {
                tokio::time::sleep(LIMIT / 2).await;
                writing.write_u8(said).await.expect("taken");
            }
            writing
        });
        let heard = tokio::spawn(async move {
            for said in 0..10 {
                assert_eq!(theirs.read_u8().await.expect("told"), said);
            }
            theirs.write_u8(77).await.expect("sent");
            theirs
        });
        // All the while nothing is to be read, for five times the limit.
        assert_eq!(reading.read_u8().await.expect("it stayed open"), 77);
        drop((told, heard));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_is_cut_off() {
        let (ours, _theirs) = duplex(4);
        let mut ours = UnlessIdle::new(ours, LIMIT);
        let error = ours.write_all(b"much").await;
        error.expect("there is room for that");
        let error = ours.write_all(b"more").await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
