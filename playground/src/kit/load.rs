//! A kit onto an engine: what it lacks, and nothing over what it has.

use super::archive;
use super::error::KitError;
use super::index::{Index, KitImage, Role};
use super::{Kit, VERSION};
use crate::app_state::AppState;
use crate::bases::{BaseState, Bases, recipe};
use bytes::Bytes;
use engine::{Engine, MODULES_IMAGE};
use futures_util::Stream;
use futures_util::stream::poll_fn;
use policy::UserError;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// What a load came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Images that the engine has now and had not before.
    pub images: Vec<String>,
    /// Images that it had: they were left alone.
    pub kept: Vec<String>,
    /// Files of the kit, where they lie now.
    pub files: Vec<PathBuf>,
}

/// Whether a kit is for this program and this engine.
///
/// # Errors
/// It is of another version, or for another processor.
pub fn must_fit(index: &Index, architecture: &str) -> Result<(), KitError> {
    if (index.version.as_str(), &index.recipe) != (VERSION, &recipe()) {
        let of = |version: &str, recipe: &str| format!("{version} with the bases {recipe}");
        return Err(KitError::OtherVersion {
            kit: of(&index.version, &index.recipe),
            own: of(VERSION, &recipe()),
        });
    }
    // Bases get their names by a rule of their own; these would get any that is free.
    let foreign = |image: &&KitImage| match image.role {
        Role::Base => false,
        Role::Prober => !image.name.starts_with("empty-room/prober:"),
        Role::Modules => !image.name.starts_with(&format!("{MODULES_IMAGE}:")),
    };
    if let Some(image) = index.images.iter().find(foreign) {
        let (role, name) = (image.role.name(), &image.name);
        return Err(KitError::Unsound(format!("{name} cannot be its {role}")));
    }
    if index.architecture != architecture {
        return Err(KitError::OtherArchitecture {
            kit: index.architecture.clone(),
            engine: architecture.to_owned(),
        });
    }
    Ok(())
}

/// Loads what the engine lacks, and lays the kit's files into the data folder. `on` is told what is
/// being done.
///
/// # Errors
/// For people: the kit does not fit or is damaged, or engine or disk refuse.
pub async fn load(
    state: &AppState,
    engine: &Engine,
    kit: &Kit,
    path: &Path,
    on: &(dyn Fn(&str) + Send + Sync),
) -> Result<Loaded, UserError> {
    must_fit(kit.index(), &engine.facts().arch).map_err(|error| error.user_error(path))?;
    let mut loaded = Loaded::default();
    let (mut bases, mut others) = (Vec::new(), Vec::new());
    for image in &kit.index().images {
        let there = match image.role {
            Role::Base => {
                let known = state.bases.knows(&image.name);
                // One that a newer content brings is nobody's here.
                !known || state.bases.state_on(engine, &image.name).await? != BaseState::Missing
            }
            Role::Prober | Role::Modules => {
                engine.image(&image.name).await.map_err(refused)?.is_some()
            }
        };
        match (there, image.role) {
            (true, _) => loaded.kept.push(image.name.clone()),
            (false, Role::Base) => bases.push(image.clone()),
            (false, _) => others.push(image.clone()),
        }
    }
    if !bases.is_empty() {
        on(&format!("loading {}", names(&bases).join(", ")));
        let tagged = |image: &KitImage| (image.clone(), Bases::loaded_name(&image.name));
        let (archive, writing) = send(kit, bases.iter().map(tagged).collect());
        let adopted = state.bases.adopt(engine, &names(&bases), archive).await;
        outcome(writing, path).await?;
        adopted?;
        for image in &bases {
            // Names go by a rule; whatever it says, a base is there now.
            if state.bases.state_on(engine, &image.name).await? == BaseState::Missing {
                return Err(lost(&image.name));
            }
        }
    }
    if !others.is_empty() {
        on(&format!("loading {}", names(&others).join(", ")));
        let tagged = |image: &KitImage| (image.clone(), image.name.clone());
        let (archive, writing) = send(kit, others.iter().map(tagged).collect());
        let taken = engine.load(archive).await.map_err(refused);
        outcome(writing, path).await?;
        taken?;
    }
    loaded.images = names(&bases).into_iter().chain(names(&others)).collect();
    loaded.files =
        lay_files(kit, &state.data.join("kit")).map_err(|error| error.user_error(path))?;
    Ok(loaded)
}

fn names(images: &[KitImage]) -> Vec<String> {
    images.iter().map(|image| image.name.clone()).collect()
}

/// How the writing of an archive ends.
type Writing = JoinHandle<Result<(), KitError>>;

/// Writes the archive in a thread, as fast as somebody reads it.
fn send(
    kit: &Kit,
    images: Vec<(KitImage, String)>,
) -> (
    impl Stream<Item = io::Result<Bytes>> + Send + use<>,
    Writing,
) {
    let (sender, mut receiver) = mpsc::channel(4);
    let kit = kit.clone();
    let writing = tokio::task::spawn_blocking(move || {
        let mut to = io::BufWriter::with_capacity(1 << 20, Pieces(sender.clone()));
        let written = archive::write(&kit, &images, &mut to);
        let written = written.and_then(|()| Ok(to.flush()?));
        if let Err(error) = &written {
            // The engine must not take what has come so far for a whole archive.
            let _ = sender.blocking_send(Err(io::Error::other(error.to_string())));
        }
        written
    });
    (poll_fn(move |context| receiver.poll_recv(context)), writing)
}

/// A damaged kit is told before what the engine makes of it.
async fn outcome(writing: Writing, path: &Path) -> Result<(), UserError> {
    match writing.await {
        Ok(Err(error)) if !is_gone(&error) => Err(error.user_error(path)),
        _ => Ok(()),
    }
}

/// Whoever read went away: why, the engine says.
fn is_gone(error: &KitError) -> bool {
    matches!(error, KitError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.0.blocking_send(piece);
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lays the files down, each whole or not at all.
fn lay_files(kit: &Kit, folder: &Path) -> Result<Vec<PathBuf>, KitError> {
    let mut laid = Vec::new();
    fs::create_dir_all(folder)?;
    for file in &kit.index().files {
        let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
        io::copy(&mut kit.blob(&file.digest)?, &mut fresh)?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        fresh
            .as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
        let path = folder.join(&file.name);
        fresh.persist(&path).map_err(|error| error.error)?;
        laid.push(path);
    }
    Ok(laid)
}

fn lost(name: &str) -> UserError {
    UserError {
        what: format!("The engine took {name} out of the kit, and has it not."),
        cause: "something else removed images at the same time, or its disk is full".into(),
        next: "run `playground kit load` again".into(),
    }
}

fn refused(error: engine::ImageError) -> UserError {
    UserError {
        what: format!("The engine does not take the kit's images: {error}"),
        cause: "its disk is full, or it stopped answering".into(),
        next: "see whether the engine still answers: playground status".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index {
            version: VERSION.into(),
            recipe: recipe(),
            architecture: "amd64".into(),
            blobs: Vec::new(),
            images: Vec::new(),
            files: Vec::new(),
        }
    }

    #[test]
    fn a_kit_for_another_processor_is_refused_in_a_sentence() {
        must_fit(&index(), "amd64").expect("it is for this one");
        let error = must_fit(&index(), "arm64").expect_err("another");
        assert!(matches!(error, KitError::OtherArchitecture { .. }));
        let told = error.user_error(Path::new("room.kit")).to_string();
        for word in ["room.kit", "amd64", "arm64", "kit make"] {
            assert!(told.contains(word), "{told}");
        }
    }

    #[test]
    fn a_kit_of_another_version_or_of_other_bases_is_refused_in_a_sentence() {
        let other = Index {
            version: "9.9.9".into(),
            ..index()
        };
        let stale = Index {
            recipe: "other".into(),
            ..index()
        };
        for index in [other, stale] {
            let error = must_fit(&index, "amd64").expect_err("another");
            assert!(matches!(error, KitError::OtherVersion { .. }));
            let told = error.user_error(Path::new("room.kit")).to_string();
            assert!(told.contains(VERSION) && told.contains("next:"), "{told}");
        }
    }
}
