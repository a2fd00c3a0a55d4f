//! Sizes of layers as gzip blobs, computed beside the thread that reads the archive.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::{self, Seek};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use tempfile::SpooledTempFile;

/// Bytes of gzip around what is deflated: its header and its checksum.
const AROUND: u64 = 10 + 8;

/// A layer as (diff id, compressed bytes).
type CompressedLayer = (String, u64);

/// A layer that was read, to be compressed, as (diff id, plain tar).
pub(super) type Job = (String, SpooledTempFile);

/// Threads that compress layers while the next ones are read.
pub(super) struct Compressors<'scope> {
    queue: SyncSender<Job>,
    threads: Vec<ScopedJoinHandle<'scope, io::Result<Vec<CompressedLayer>>>>,
}

impl<'scope> Compressors<'scope> {
    /// Starts as many as the machine has cores, up to four: more layers than that wait in
    /// memory or on disk at the same time.
    pub(super) fn start<'env>(scope: &'scope Scope<'scope, 'env>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (queue, jobs) = sync_channel(1);
        let jobs = Arc::new(Mutex::new(jobs));
        let thread = |_| {
            let jobs = jobs.clone();
            scope.spawn(move || work(&jobs))
        };
        let threads = (0..cores.min(4)).map(thread).collect();
        Compressors { queue, threads }
    }

    /// Hands a layer over; waits where all are busy.
    pub(super) fn add(&self, job: Job) {
        // Refused only when every thread has failed; `finish` tells why.
        let _ = self.queue.send(job);
    }

    /// What came of all layers.
    pub(super) fn finish(self) -> io::Result<Vec<CompressedLayer>> {
        drop(self.queue);
        let mut layers = Vec::new();
        for thread in self.threads {
            let done = thread
                .join()
                .map_err(|_| io::Error::other("a compressor panicked"))?;
            layers.extend(done?);
        }
        Ok(layers)
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) -> io::Result<Vec<CompressedLayer>> {
    let mut done = Vec::new();
    loop {
        // The lock is held while waiting; the others wait for the same job anyway.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((diff_id, mut tar)) = job else {
            return Ok(done);
        };
        tar.rewind()?;
        let mut encoder = DeflateEncoder::new(io::sink(), Compression::new(6));
        io::copy(&mut tar, &mut encoder)?;
        encoder.try_finish()?;
        done.push((diff_id, encoder.total_out() + AROUND));
    }
}
