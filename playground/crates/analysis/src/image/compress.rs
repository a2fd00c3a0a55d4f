//! Sizes of layers as gzip blobs, computed beside the thread that reads the archive.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Read, Seek, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};
use tempfile::SpooledTempFile;

/// A layer as (diff id, compressed bytes).
type CompressedLayer = (String, u64);

/// A layer that was read, to be compressed.
pub(super) struct Job {
    pub(super) diff_id: String,
    pub(super) tar: SpooledTempFile,
}

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
        let Ok(mut job) = job else { return Ok(done) };
        job.tar.rewind()?;
        done.push((job.diff_id, compressed_bytes(&mut job.tar)?));
    }
}

/// Size of `plain` as gzip at level 6.
fn compressed_bytes(plain: &mut impl Read) -> io::Result<u64> {
    let mut encoder = GzEncoder::new(Count(0), Compression::new(6));
    io::copy(plain, &mut encoder)?;
    Ok(encoder.finish()?.0)
}

struct Count(u64);

impl Write for Count {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0 += buf.len() as u64;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
