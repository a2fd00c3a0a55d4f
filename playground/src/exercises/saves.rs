//! Notices that a file was saved, however editors do that: in place, or by renaming another one.
//!
//! Events only say that something happened; what counts is whether the files that are handed in
//! differ from those that were seen last.

use super::workspace::Workspace;
use catalog::Exercise;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use policy::UserError;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// A save is over when nothing happened for so long: editors write, rename and touch in a row.
const QUIET: Duration = Duration::from_millis(30);

/// Files that are handed in, by path.
pub type Files = BTreeMap<String, String>;

/// The saves of one exercise's files.
pub struct Saves<'e> {
    workspace: &'e Workspace,
    exercise: &'e Exercise,
    seen: Option<Files>,
    happened: UnboundedReceiver<()>,
    _watcher: RecommendedWatcher,
}

impl<'e> Saves<'e> {
    /// Begins to listen. The folder above is watched, too, so that `reset` is seen.
    ///
    /// # Errors
    /// The system cannot watch the folder.
    pub fn of(workspace: &'e Workspace, exercise: &'e Exercise) -> Result<Saves<'e>, UserError> {
        let (tell, happened) = unbounded_channel();
        let dir = workspace.dir();
        let on = move |event: notify::Result<notify::Event>| {
            // Reading is no saving, and we read all the time.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                // Nobody listens any more where this fails.
                let _ = tell.send(());
            }
        };
        let watching = notify::recommended_watcher(on).and_then(|mut watcher| {
            watcher.watch(dir, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        let watcher = watching.map_err(|error| UserError {
            what: format!("{} cannot be watched: {error}", dir.display()),
            cause: "it is not there, or the system watches too many files already".into(),
            next: "playground exercises check, after each change".into(),
        })?;
        Ok(Saves {
            workspace,
            exercise,
            seen: None,
            happened,
            _watcher: watcher,
        })
    }

    /// The files as they are once they differ from those that were given last; at first, at once.
    ///
    /// Dropped while it waits, it loses nothing: the next call sees the same.
    pub async fn next(&mut self) -> Files {
        loop {
            // Between two steps of a save a file may be missing: the next event tells.
            if let Ok(files) = self.workspace.submission(self.exercise)
                && self.seen.as_ref() != Some(&files)
            {
                self.seen = Some(files.clone());
                return files;
            }
            if self.happened.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
            while let Ok(Some(())) = timeout(QUIET, self.happened.recv()).await {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Catalog;
    use std::path::Path;

    /// Long enough for a busy machine; nothing waits for it where all is well.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn saves_are_seen_in_place_by_rename_and_after_a_reset() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let catalog = Catalog::load(&root).expect("the catalog");
        let exercise = catalog.exercise("1").expect("the first");
        let dir = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::new(dir.path().join("work"));
        let started = workspace.start(&root, exercise).expect("started");
        let file = started.dir.join("Dockerfile");
        let mut saves = Saves::of(&workspace, exercise).expect("watched");
        let first = saves.next().await;
        std::fs::write(&file, "FROM scratch\n").expect("written");
        let saved = timeout(PATIENCE, saves.next()).await.expect("seen");
        assert_eq!(saved["Dockerfile"], "FROM scratch\n");
        // Other files, and the same words again, are no save.
        std::fs::write(started.dir.join("notes.txt"), "x").expect("written");
        std::fs::write(&file, "FROM scratch\n").expect("written");
        let beside = started.dir.join("4913~");
        std::fs::write(&beside, "FROM alpine:3.20\n").expect("written");
        std::fs::rename(&beside, &file).expect("renamed");
        let saved = timeout(PATIENCE, saves.next()).await.expect("seen");
        assert_eq!(saved["Dockerfile"], "FROM alpine:3.20\n");
        workspace.reset(&root, exercise).expect("reset");
        let saved = timeout(PATIENCE, saves.next()).await.expect("seen");
        assert_eq!(saved, first);
    }
}
