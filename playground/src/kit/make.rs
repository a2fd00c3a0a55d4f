//! Making a kit of what this engine has: every base, the prober, what builds download, and files.

use super::VERSION;
use super::error::KitError;
use super::index::Role;
use super::saved;
use super::writer::Writer;
use crate::app_state::AppState;
use crate::bases::{BaseState, Progress, recipe};
use crate::book;
use crate::run::{build_carried, build_prober};
use analysis::image::ReadError;
use ed25519_dalek::SigningKey;
use engine::{Engine, Transfer};
use policy::UserError;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The largest image, in bytes as it is saved: far above today's heaviest.
const MAX_IMAGE: u64 = 8 << 30;

/// What shall be in a kit, and where it shall lie.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The kit's file.
    pub to: PathBuf,
    /// Bases by name.
    pub bases: Vec<String>,
    /// Whether Go modules, packages and wheels of labs and exercises are fetched.
    pub modules: bool,
    /// Signs it.
    pub key: Option<&'a SigningKey>,
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The file's length in bytes.
    pub bytes: u64,
    /// Images in it.
    pub images: usize,
}

/// Makes a kit. Bases that the engine lacks are come by as ever. `on` is told what is being done.
///
/// # Errors
/// For people: a base cannot be come by, an image cannot be built or read, the disk is full.
pub async fn make(
    state: &AppState,
    engine: &Engine,
    wanted: &Wanted<'_>,
    on: &(dyn Fn(&str) + Send + Sync),
) -> Result<Made, UserError> {
    let mut images = Vec::new();
    let progress = |progress: Progress| {
        if progress.total.is_none() {
            on(&format!("{}: {}", progress.base, progress.text));
        }
    };
    for name in &wanted.bases {
        let found = state.bases.ensure(engine, name, &progress).await?;
        if found == BaseState::Published && name.contains("alpine") {
            on(&format!(
                "{name}: published, so its `apk add` will need a network"
            ));
        }
        images.push((name.clone(), Role::Base));
    }
    on("the prober");
    images.push((build_prober(state, engine).await?, Role::Prober));
    if wanted.modules {
        on("Go modules, packages and wheels of labs and exercises");
        let carried = build_carried(state, engine).await?;
        images.extend(carried.into_iter().map(|name| (name, Role::Modules)));
    }
    let failed = |error: KitError| error.user_error(&wanted.to);
    let arch = &engine.facts().arch;
    let writer = Writer::begin(&wanted.to, VERSION, &recipe(), arch);
    let mut writer = writer.map_err(|error| failed(error.into()))?;
    let number = images.len();
    for (name, role) in images {
        on(&format!("packing {name}"));
        writer = pack(engine, &name, role, writer).await?;
    }
    on("packing the book and this program");
    add_files(state, &mut writer).map_err(|error| UserError {
        what: format!("The book or this program cannot be packed: {error:#}"),
        cause: "a page is wrong, or the disk for temporary files is full".into(),
        next: "see whether the book can be written: playground build --out DIR".into(),
    })?;
    let key = wanted.key;
    let bytes = writer.finish(key).map_err(failed)?;
    Ok(Made {
        bytes,
        images: number,
    })
}

/// Takes one image of the engine into the kit.
async fn pack(
    engine: &Engine,
    name: &str,
    role: Role,
    mut writer: Writer,
) -> Result<Writer, UserError> {
    let told = name.to_owned();
    let read = move |archive: &mut dyn io::Read| {
        let image = saved::take(archive, &told, role, &mut writer).map_err(ReadError::Io)?;
        writer.image(image);
        Ok(writer)
    };
    let packed = engine
        .read_archive(name, Transfer::quiet(MAX_IMAGE), read)
        .await;
    packed.map_err(|error| error.user_error(name))
}

/// The book as plain files, and the program that is running.
fn add_files(state: &AppState, writer: &mut Writer) -> anyhow::Result<()> {
    let out = tempfile::tempdir()?;
    let panels = book::panels(&state.root, &state.catalog)?;
    book::render(&state.root, out.path(), panels)?;
    let mut packed = tempfile::tempfile()?;
    pack_folder(out.path(), &packed)?;
    io::Seek::rewind(&mut packed)?;
    writer.file("empty-room-book.tar", false, &mut packed)?;
    // It may have been replaced while it runs; what runs is what fits the kit.
    let own = match cfg!(target_os = "linux") {
        true => PathBuf::from("/proc/self/exe"),
        false => std::env::current_exe()?,
    };
    writer.file("playground", true, &mut File::open(own)?)?;
    Ok(())
}

/// A folder as a tar that depends on its files alone. It is packed with all else.
fn pack_folder(folder: &Path, to: &File) -> io::Result<()> {
    let mut archive = tar::Builder::new(io::BufWriter::new(to));
    let mut names = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true => folders.push(name),
                false => names.push(name),
            }
        }
    }
    names.sort();
    for name in names {
        let content = std::fs::read(folder.join(&name))?;
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let name = Path::new("empty-room-book").join(name);
        archive.append_data(&mut header, name, content.as_slice())?;
    }
    archive
        .into_inner()?
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    Ok(())
}
