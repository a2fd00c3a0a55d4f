//! Everything that one process of the playground holds, and how it is opened and closed.
//!
//! `serve` and the commands share it: the catalog, the bases, the journal, who we are on
//! the engine, and the engine itself, which may be missing now and there a minute later.
//! Refuses to know what is done with them: runs, pages and commands.

mod engine_session;
mod engine_slot;
mod no_engine;

pub use engine_session::EngineSession;
pub use no_engine::is_container;

use crate::bases::Bases;
use crate::bases::modules::{Carried, Modules};
use crate::exercises::{Progress, Workspace};
use crate::jobs;
use crate::journal::Journal;
use crate::kept::KeptImages;
use catalog::Catalog;
use engine::{Engine, Object, Owner};
use engine_slot::EngineSlot;
use futures_util::future::join_all;
use policy::UserError;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// The Go that the source documents quote, and the labs' Dockerfiles name.
pub const QUOTED_GO: &str = "1.23";

/// What all parts of one process share.
#[derive(Debug)]
pub struct AppState {
    /// The book's top folder (holds `book.toml`).
    pub root: PathBuf,
    /// State that outlives the process.
    pub data: PathBuf,
    /// All labs.
    pub catalog: Arc<Catalog>,
    /// All bases.
    pub bases: Arc<Bases>,
    /// Whether Go bases are taken with the newest Go, rather than as Dockerfiles name them.
    pub newest_go: bool,
    /// Measurements; a tenant's own.
    pub journal: Arc<Journal>,
    /// What images and their layers weigh, by their digests: the same for everybody.
    pub sizes: Arc<Journal>,
    /// What the learner has done.
    pub progress: Progress,
    /// Where the learner's files lie.
    pub workspace: Workspace,
    /// Whose objects on the engine are ours.
    pub owner: Owner,
    engine: Arc<Mutex<EngineSlot>>,
    closing: CancellationToken,
    /// The prober is built by one run at a time.
    pub(crate) preparing: Arc<Mutex<()>>,
    carried: Arc<OnceLock<Carried>>,
    /// Whom in a class this is for; nobody where the engine belongs to whoever asks.
    pub tenant: Option<Tenant>,
    /// What of finished runs is still on the engine, which went away before it could be removed.
    unremoved: Arc<std::sync::Mutex<Vec<Object>>>,
    /// The images that stay for the next click.
    pub(crate) kept: Arc<KeptImages>,
}

/// Somebody who uses an engine that belongs to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Tells tenants apart; nobody guesses it.
    pub id: String,
}

impl AppState {
    /// Opens everything but the engine.
    ///
    /// # Errors
    /// For people: no book at `root`, labs that are not valid, a data folder that cannot be used.
    pub fn open(root: &Path, data: &Path) -> anyhow::Result<AppState> {
        if !root.join("book.toml").is_file() {
            anyhow::bail!(
                "{} is not the book's folder: it has no book.toml\n  \
                 next: leave --root out, or name the folder that holds book.toml",
                root.display()
            );
        }
        let catalog = Arc::new(Catalog::load(root)?);
        let owner = std::fs::create_dir_all(data)
            .and_then(|()| Owner::register(data))
            .map_err(|error| UserError {
                what: format!("{} cannot be written to: {error}", data.display()),
                cause: match error.kind() {
                    std::io::ErrorKind::PermissionDenied => "it belongs to another user",
                    std::io::ErrorKind::StorageFull => "its disk is full",
                    _ => "its path leads through something that is no folder",
                }
                .into(),
                next: "name another folder with --data or EMPTY_ROOM_DATA".into(),
            })?;
        let journal = Arc::new(Journal::open_in(data)?);
        Ok(AppState {
            root: root.to_owned(),
            data: data.to_owned(),
            catalog,
            bases: Arc::new(Bases::load()?),
            newest_go: false,
            journal: journal.clone(),
            sizes: journal,
            progress: Progress::open_in(data)?,
            workspace: Workspace::new(data.join("work")),
            owner,
            engine: Arc::default(),
            closing: CancellationToken::new(),
            preparing: Arc::default(),
            carried: Arc::default(),
            tenant: None,
            unremoved: Arc::default(),
            kept: Arc::default(),
        })
    }

    /// The same engine and content with measurements, progress and files of their own, in `dir`.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn for_tenant(&self, dir: &Path, tenant: Tenant) -> Result<AppState, UserError> {
        std::fs::create_dir_all(dir).map_err(|error| UserError {
            what: format!("{} cannot be made: {error}", dir.display()),
            cause: "the disk is full, or the folder above it cannot be written to".into(),
            next: "make room, and try again".into(),
        })?;
        Ok(AppState {
            root: self.root.clone(),
            data: self.data.clone(),
            catalog: self.catalog.clone(),
            bases: self.bases.clone(),
            newest_go: self.newest_go,
            journal: Arc::new(Journal::open_in(dir)?),
            sizes: self.sizes.clone(),
            progress: Progress::open_in(dir)?,
            workspace: Workspace::new(dir.join("work")),
            owner: self.owner.clone(),
            engine: self.engine.clone(),
            closing: self.closing.clone(),
            preparing: self.preparing.clone(),
            carried: self.carried.clone(),
            tenant: Some(tenant),
            unremoved: self.unremoved.clone(),
            kept: self.kept.clone(),
        })
    }

    /// Opens everything on an engine that is already connected.
    ///
    /// # Errors
    /// As [`AppState::open`].
    pub fn open_on(root: &Path, data: &Path, engine: Engine) -> anyhow::Result<AppState> {
        let mut state = AppState::open(root, data)?;
        state.engine = Arc::new(Mutex::new(EngineSlot::of(engine)));
        Ok(state)
    }

    /// The same content with another data folder; for tests, since reading all labs takes its time.
    #[cfg(test)]
    pub(crate) fn at(&self, data: &Path) -> AppState {
        let here = Tenant { id: String::new() };
        let mut state = self.for_tenant(data, here).expect("a folder");
        state.tenant = None;
        state.data = data.to_owned();
        state.closing = CancellationToken::new();
        state
    }

    /// The same with the learner's files in a folder of their choice.
    #[must_use]
    pub fn with_work(mut self, dir: Option<PathBuf>) -> AppState {
        if let Some(dir) = dir {
            self.workspace = Workspace::new(dir);
        }
        self
    }

    /// The same with the Go that `--go` names: the one that the sources quote, or the newest.
    ///
    /// # Errors
    /// There are no bases of that Go.
    pub fn with_go(mut self, go: Option<&str>) -> anyhow::Result<AppState> {
        let newest = self.bases.newest_go();
        self.newest_go = match go {
            None | Some(QUOTED_GO) => false,
            Some(go) if go == newest => true,
            Some(go) => anyhow::bail!(
                "there are no bases of Go {go}\n  next: --go {QUOTED_GO}, which the sources quote, \
                 or --go {newest}, the newest"
            ),
        };
        Ok(self)
    }

    /// The Go that measurements are of: `1.27` where the newest was asked for, else nothing, as
    /// the Dockerfiles have it.
    pub fn column(&self) -> &str {
        match self.newest_go {
            true => self.bases.newest_go(),
            false => "",
        }
    }

    /// The Go that labs are taken with, in words: 1.23 or 1.27.
    pub fn go(&self) -> &str {
        match self.column() {
            "" => QUOTED_GO,
            newest => newest,
        }
    }

    /// A Dockerfile as it is built here: as it is written, or with the newest Go.
    pub fn dockerfile(&self, text: &str) -> String {
        match self.newest_go {
            true => self.bases.dockerfile_with_newest_go(text),
            false => text.to_owned(),
        }
    }

    /// The images that would hold what builds of labs and exercises download; none where these cannot
    /// be read. Whether an engine has them, is to be asked.
    pub fn carried(&self) -> &Carried {
        let names =
            || Modules::of(&self.root).map_or_else(|_| Carried::default(), |all| all.carried());
        self.carried.get_or_init(names)
    }

    /// The engine: the one in use while it answers, else one looked for anew.
    ///
    /// On first contact, what a killed playground left behind is swept. Whoever asks may
    /// stop waiting: the search goes on for the next one, until all is closed.
    ///
    /// # Errors
    /// No engine answers, or the playground is being stopped.
    pub async fn engine(&self) -> Result<Engine, UserError> {
        let mut slot = self.engine.clone().lock_owned().await;
        if let Some(engine) = &slot.engine {
            if engine.is_reachable().await {
                return Ok(engine.clone());
            }
            slot.engine = None;
        }
        let (dir, owner) = (self.data.join("engine"), self.owner.clone());
        let closing = self.closing.clone();
        let looking = tokio::spawn(async move {
            tokio::select! {
                biased;
                () = closing.cancelled() => Err(jobs::closing()),
                found = slot.find(&dir, &owner) => found,
            }
        });
        looking.await.unwrap_or_else(|error| {
            Err(UserError {
                what: "The search for a Docker engine broke off.".into(),
                cause: error.to_string(),
                next: "press Run again; if it stays, please report it".into(),
            })
        })
    }

    /// Whether the engine in use was started by us.
    pub async fn engine_is_private(&self) -> bool {
        let slot = self.engine.lock().await;
        match (&slot.engine, &slot.private) {
            (Some(engine), Some(private)) => engine.address() == private.engine().address(),
            _ => false,
        }
    }

    /// From now on no engine is looked for; a search that is under way is given up.
    pub fn stop_looking(&self) {
        self.closing.cancel();
    }

    fn unremoved(&self) -> std::sync::MutexGuard<'_, Vec<Object>> {
        let unremoved = self.unremoved.lock();
        unremoved.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What earlier runs could not remove; it is up to whoever takes it now.
    pub(crate) fn take_unremoved(&self) -> Vec<Object> {
        std::mem::take(&mut *self.unremoved())
    }

    /// Keeps what could not be removed for the next one who tries.
    pub(crate) fn keep_unremoved(&self, objects: impl IntoIterator<Item = Object>) {
        self.unremoved().extend(objects);
    }

    /// Names of the images that stay on the engine for the next click.
    pub fn kept_images(&self) -> Vec<String> {
        self.kept.names()
    }

    /// Removes what the edits of the tenant with this id have left on the engine, once none of their
    /// runs is under way.
    pub(crate) async fn forget_tenant(&self, id: &str) {
        self.kept.retire_of(id);
        if let Some(engine) = &self.engine.lock().await.engine {
            self.remove_left(engine).await;
        }
    }

    /// Removes what is on the engine for later, once nothing is under way.
    pub(crate) async fn remove_kept(&self) {
        self.kept.retire_all();
        if let Some(engine) = &self.engine.lock().await.engine {
            self.remove_left(engine).await;
        }
    }

    async fn remove_left(&self, engine: &Engine) {
        self.keep_unremoved(self.kept.take_idle(&engine.address().to_string()));
        // Whoever waits for this may be dropped: what is not removed yet stays on the list.
        let left = self.unremoved().clone();
        let removed = left.into_iter().map(|object| async move {
            match engine.remove_object(&object).await {
                Ok(()) => self.unremoved().retain(|one| *one != object),
                Err(error) => log::warn!("could not remove {object}: {error}"),
            }
        });
        join_all(removed).await;
    }

    /// Stops the private engine, where there is one and nobody else uses it.
    pub async fn close(&self) {
        self.stop_looking();
        self.remove_kept().await;
        let mut slot = self.engine.lock().await;
        slot.engine = None;
        if let Some(private) = slot.private.take() {
            private.stop().await;
        }
    }
}
