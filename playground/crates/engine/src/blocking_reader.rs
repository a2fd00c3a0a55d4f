//! A stream of bytes from an async task, read by a blocking thread.
//!
//! Owns the handing over, a mebibyte at a time: engines send images in pieces of a few KiB, and
//! waking a thread for each took longer than looking at what was in it.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::io::{self, Read};
use tokio::sync::mpsc;

/// Bytes that are handed over together.
const BATCH: usize = 1 << 20;
/// Batches that may wait.
const WAITING: usize = 2;

/// Reads what a stream brings; to be read outside of async code. Dropping it ends the stream.
pub(crate) struct BlockingReader {
    batches: mpsc::Receiver<io::Result<Vec<Bytes>>>,
    /// In reverse order: the next piece is the last.
    pieces: Vec<Bytes>,
}

impl BlockingReader {
    /// Begins to hand over. The stream is polled by a task of its own, which ends with it, with
    /// its first error, or with the reader.
    pub(crate) fn spawn(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        let (sender, batches) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut stream = Box::pin(stream);
            let mut batch = Vec::new();
            let mut bytes = 0;
            loop {
                let next = tokio::select! {
                    next = stream.next() => next,
                    // Nobody reads on: an engine that is silent must not be waited for.
                    () = sender.closed() => return,
                };
                match next {
                    Some(Ok(piece)) => {
                        bytes += piece.len();
                        batch.push(piece);
                        if bytes < BATCH {
                            continue;
                        }
                    }
                    Some(Err(error)) => {
                        let _ = sender.send(Ok(batch)).await;
                        let _ = sender.send(Err(error)).await;
                        return;
                    }
                    None => {
                        let _ = sender.send(Ok(batch)).await;
                        return;
                    }
                }
                bytes = 0;
                if sender.send(Ok(std::mem::take(&mut batch))).await.is_err() {
                    return;
                }
            }
        });
        BlockingReader {
            batches,
            pieces: Vec::new(),
        }
    }
}

impl Read for BlockingReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.pieces.last_mut() {
                Some(piece) if piece.is_empty() => {
                    self.pieces.pop();
                }
                Some(piece) => {
                    let n = piece.len().min(buf.len());
                    buf[..n].copy_from_slice(&piece.split_to(n));
                    return Ok(n);
                }
                None => match self.batches.blocking_recv() {
                    Some(batch) => {
                        self.pieces = batch?;
                        self.pieces.reverse();
                    }
                    None => return Ok(0),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[tokio::test]
    async fn what_is_read_is_what_was_streamed_up_to_an_error() {
        let piece = |n: usize| Bytes::from(vec![n as u8; n * 1000]);
        let pieces = (0..100).map(piece).collect::<Vec<_>>();
        let all = pieces.concat();
        let broken = io::Error::other("the engine went away");
        let ends = stream::iter(pieces.clone().into_iter().map(Ok));
        let breaks = ends.clone().chain(stream::iter([Err(broken)]));
        for (stream, error) in [(ends.boxed(), None), (breaks.boxed(), Some("went away"))] {
            let mut reader = BlockingReader::spawn(stream);
            let read = tokio::task::spawn_blocking(move || {
                let mut read = Vec::new();
                let end = reader.read_to_end(&mut read);
                (read, end.err().map(|error| error.to_string()))
            });
            let (read, ended) = read.await.expect("no panic");
            assert!(read == all, "{} of {} bytes", read.len(), all.len());
            match error {
                Some(words) => assert!(ended.is_some_and(|said| said.contains(words))),
                None => assert_eq!(ended, None),
            }
        }
    }

    #[tokio::test]
    async fn a_silent_stream_ends_with_its_reader() {
        let (kept, mut told) = mpsc::channel::<()>(1);
        let silent = stream::pending().map(move |item: io::Result<Bytes>| {
            let _lives_with_the_stream = &kept;
            item
        });
        drop(BlockingReader::spawn(silent));
        // Ends only when the stream, and what it keeps, is gone.
        assert_eq!(told.recv().await, None);
    }
}
