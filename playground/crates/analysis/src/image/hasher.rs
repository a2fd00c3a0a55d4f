//! SHA-256 of a layer in a thread of its own: it takes as long as everything else that is done with
//! a layer while it passes by.

use sha2::{Digest, Sha256};
use std::io;
use std::mem::take;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Bytes that are handed over together; a layer of fewer is hashed where it is read.
const PIECE: usize = 256 << 10;
/// Pieces that may wait.
const WAITING: usize = 4;

/// What `finish` returns.
type Hash = sha2::digest::Output<Sha256>;

/// Hashes what it is given.
#[derive(Default)]
pub(super) struct Hasher {
    /// What has not been handed over.
    piece: Vec<u8>,
    worker: Worker,
}

#[derive(Default)]
enum Worker {
    /// None was needed so far.
    #[default]
    Idle,
    Thread(Thread),
    /// No thread can be had: what was hashed so far.
    Here(Box<Sha256>),
}

struct Thread {
    full: SyncSender<Vec<u8>>,
    /// They come back to be filled again.
    empty: Receiver<Vec<u8>>,
    handle: JoinHandle<Hash>,
}

impl Hasher {
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE {
                self.hand_over();
            }
        }
    }

    /// The hash of everything.
    pub(super) fn finish(mut self) -> io::Result<Hash> {
        match self.worker {
            Worker::Idle => Ok(Sha256::digest(&self.piece)),
            Worker::Here(mut hash) => {
                hash.update(&self.piece);
                Ok(hash.finalize())
            }
            Worker::Thread(thread) => {
                let lost = |_| io::Error::other("a hasher panicked");
                thread
                    .full
                    .send(take(&mut self.piece))
                    .map_err(|_| lost(()))?;
                drop(thread.full);
                thread.handle.join().map_err(|_| lost(()))
            }
        }
    }

    fn hand_over(&mut self) {
        if matches!(self.worker, Worker::Idle) {
            self.worker = match Thread::start() {
                Ok(thread) => Worker::Thread(thread),
                // A container may be allowed no more of them.
                Err(_) => Worker::Here(Box::default()),
            };
        }
        match &mut self.worker {
            Worker::Idle => {}
            Worker::Here(hash) => {
                hash.update(&self.piece);
                self.piece.clear();
            }
            Worker::Thread(thread) => {
                let empty = thread.empty.try_recv().unwrap_or_default();
                let full = std::mem::replace(&mut self.piece, empty);
                // Refused only where the thread has panicked; `finish` tells.
                let _ = thread.full.send(full);
            }
        }
    }
}

impl Thread {
    fn start() -> io::Result<Thread> {
        let (full, pieces) = sync_channel::<Vec<u8>>(WAITING);
        let (done, empty) = channel();
        let work = move || {
            let mut hash = Sha256::new();
            for mut piece in pieces {
                hash.update(&piece);
                piece.clear();
                // Whoever read may have ended.
                let _ = done.send(piece);
            }
            hash.finalize()
        };
        let handle = Builder::new().spawn(work)?;
        Ok(Thread {
            full,
            empty,
            handle,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_all_bytes_however_they_come() {
        let bytes: Vec<u8> = (0..PIECE * 11 + 77).map(|n| (n * 31 / 7) as u8).collect();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, PIECE * 2, bytes.len()] {
            for each in [7777, 512 << 10] {
                let mut hasher = Hasher::default();
                for piece in bytes[..length].chunks(each) {
                    hasher.update(piece);
                }
                let hash = hasher.finish().expect("hashed");
                assert_eq!(hash, Sha256::digest(&bytes[..length]), "{length} {each}");
            }
        }
    }

    #[test]
    fn without_a_thread_it_hashes_where_it_is() {
        let bytes = vec![7; PIECE * 3 + 5];
        let mut hasher = Hasher {
            piece: Vec::new(),
            worker: Worker::Here(Box::default()),
        };
        hasher.update(&bytes);
        assert_eq!(hasher.finish().expect("hashed"), Sha256::digest(&bytes));
    }
}
