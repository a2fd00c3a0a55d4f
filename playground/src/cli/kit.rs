//! `playground kit make | verify | load | show | copy`

use super::watch::mb;
use crate::app_state::AppState;
use crate::kit::{self, Kit, KitError, Wanted, public_key, signing_key};
use crate::kit::{Signed, must_fit};
use policy::UserError;
use policy::sanitize::quiet_json;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum What {
    /// Pack bases, prober, what builds download, book and this program into one file; needs a network for
    /// what the engine lacks
    Make {
        /// The kit's file
        #[arg(default_value = "empty-room.kit")]
        file: PathBuf,
        /// Only these bases, as often as needed
        #[arg(long = "base", value_name = "NAME")]
        bases: Vec<String>,
        /// Without Go modules, packages and wheels: builds fetch theirs
        #[arg(long)]
        no_modules: bool,
        /// Sign it with the key in this file, which is made where there is none
        #[arg(long, value_name = "FILE")]
        sign: Option<PathBuf>,
    },
    /// Read all of a kit, and name what is damaged
    Verify(Named),
    /// Bring what the engine lacks out of a kit; needs no network
    Load(Named),
    /// Say what is in a kit
    Show {
        /// The kit's file
        file: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Copy a kit and verify the copy; where it is stopped, it goes on
    Copy {
        /// The kit's file
        from: PathBuf,
        /// The copy's file, or a folder
        to: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// The kit's file
    file: PathBuf,
    /// Only where it is signed with this public key (64 hex digits)
    #[arg(long, value_name = "KEY", value_parser = public_key)]
    key: Option<[u8; 32]>,
}

impl Named {
    fn open(&self) -> Result<Kit, UserError> {
        let told = |error: KitError| error.user_error(&self.file);
        let kit = Kit::open(&self.file).map_err(told)?;
        if let Some(key) = &self.key {
            kit.must_be_signed_by(key).map_err(told)?;
        }
        Ok(kit)
    }
}

/// What needs neither book nor engine; `None` for the rest.
pub(super) fn without_engine(args: &Args) -> Option<anyhow::Result<ExitCode>> {
    let done = match &args.what {
        What::Verify(named) => verify(named),
        What::Show { file, json } => show(file, *json),
        What::Copy { from, to } => copy(from, to),
        What::Make { .. } | What::Load(_) => return None,
    };
    Some(done)
}

/// What needs an engine.
pub(super) async fn with_engine(state: AppState, args: &Args) -> anyhow::Result<ExitCode> {
    let work = async {
        match &args.what {
            What::Make {
                file,
                bases,
                no_modules,
                sign,
            } => {
                let key = sign.as_deref().map(signing_key).transpose()?;
                let bases = match bases.is_empty() {
                    true => state.bases.names().map(str::to_owned).collect(),
                    false => bases.clone(),
                };
                let wanted = Wanted {
                    to: file.clone(),
                    bases,
                    modules: !no_modules,
                    key: key.as_ref(),
                };
                make(&state, &wanted).await
            }
            What::Load(named) => load(&state, named).await,
            _ => Ok(ExitCode::SUCCESS),
        }
    };
    let outcome = super::unless_stopped(work).await;
    state.close().await;
    outcome.unwrap_or(Ok(ExitCode::from(130)))
}

async fn make(state: &AppState, wanted: &Wanted<'_>) -> anyhow::Result<ExitCode> {
    let engine = state.engine().await?;
    let made = kit::make(state, &engine, wanted, &|text| eprintln!("{text}")).await?;
    let (images, size) = (made.images, mb(made.bytes));
    say!(
        "{}: {images} images, the book and this program in {size}",
        wanted.to.display()
    );
    if let Some(key) = wanted.key {
        let key = engine::hex(&key.verifying_key().to_bytes());
        say!("signed with {key}: tell whoever gets it to load it with --key {key}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn load(state: &AppState, named: &Named) -> anyhow::Result<ExitCode> {
    let kit = named.open()?;
    let engine = state.engine().await?;
    let told = |text: &str| eprintln!("{text}");
    let loaded = kit::load(state, &engine, &kit, &named.file, &told).await?;
    for image in &loaded.images {
        say!("loaded {image}");
    }
    for image in &loaded.kept {
        say!("left alone {image}: the engine has it");
    }
    for file in &loaded.files {
        say!("wrote {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(named: &Named) -> anyhow::Result<ExitCode> {
    let kit = named.open()?;
    let told = |error: KitError| error.user_error(&named.file);
    kit.verify(|_| {}).map_err(told)?;
    let blobs = kit.index().blobs.len();
    say!(
        "{}: all {blobs} blobs are whole, {}",
        named.file.display(),
        by_whom(kit.signed())
    );
    Ok(ExitCode::SUCCESS)
}

fn by_whom(signed: Option<&Signed>) -> String {
    match signed {
        Some(signed) => format!("signed with {}", signed.key_in_hex()),
        None => "signed by nobody".into(),
    }
}

fn show(file: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let kit = Kit::open(file).map_err(|error| error.user_error(file))?;
    let index = kit.index();
    let unpacked: u64 = index.blobs.iter().map(|blob| blob.bytes).sum();
    if as_json {
        let shown = json!({
            "index": index,
            "bytes": kit.bytes(),
            "unpacked": unpacked,
            "signed": kit.signed().map(Signed::key_in_hex),
        });
        say!("{}", quiet_json(&shown.to_string()));
        return Ok(ExitCode::SUCCESS);
    }
    let (version, arch) = (&index.version, &index.architecture);
    say!(
        "a kit of the playground {version} for {arch}, {}",
        by_whom(kit.signed())
    );
    say!("{} in the file, {} unpacked", mb(kit.bytes()), mb(unpacked));
    let size = |digests: &[&String]| {
        let blobs = digests.iter().filter_map(|digest| index.blob(digest).ok());
        mb(blobs.map(|blob| blob.bytes).sum())
    };
    for image in &index.images {
        let layers: Vec<_> = image.layers.iter().collect();
        say!(
            "  {:<8} {:<44} {:>9}",
            image.role.name(),
            image.name,
            size(&layers)
        );
    }
    for file in &index.files {
        say!(
            "  {:<8} {:<44} {:>9}",
            "file",
            file.name,
            size(&[&file.digest])
        );
    }
    // Said early: who carries it to a room wants to know here.
    if let Err(error) = must_fit(index, &index.architecture) {
        say!("this program cannot load it: {error}");
    }
    Ok(ExitCode::SUCCESS)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<ExitCode> {
    let to = match to.is_dir() {
        true => to.join(from.file_name().unwrap_or("empty-room.kit".as_ref())),
        false => to.to_owned(),
    };
    let copied = kit::copy(from, &to, |_| {}).map_err(|error| error.user_error(from))?;
    let (kept, bytes) = (mb(copied.kept), mb(copied.bytes));
    say!(
        "{}: {bytes}, all of it whole ({kept} were there from before)",
        to.display()
    );
    Ok(ExitCode::SUCCESS)
}
