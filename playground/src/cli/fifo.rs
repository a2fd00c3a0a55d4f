//! FIFOs wait for a writer, who may never come: whoever waits for one says so.

use std::path::Path;
use std::time::Duration;

/// How long nobody may write into a FIFO before that is said.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|of| of.file_type().is_fifo())
}

/// What comes of reading the FIFO that is called `named`; that it takes its time is said.
pub(super) async fn awaited<T>(named: &str, read: impl Future<Output = T>) -> T {
    tokio::pin!(read);
    match tokio::time::timeout(PATIENCE, &mut read).await {
        Ok(done) => done,
        Err(_) => {
            eprintln!("waiting for somebody to write into {named}, a FIFO; Ctrl-C ends it");
            read.await
        }
    }
}
