//! The recipe on disk, the layers it leaves there, and what they weigh.
//!
//! Where layers lie is asked of the recipe itself, so that both always agree.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

macro_rules! recipe {
    ($($file:literal),* $(,)?) => { [$(($file, include_str!(concat!("../../bases/", $file)))),*] };
}

/// The recipe's files, as the binary carries them.
pub(super) const RECIPE: [(&str, &str); 15] = recipe![
    "rebuild.sh",
    "bases.toml",
    "lib/alpine.sh",
    "lib/cache.sh",
    "lib/chroot.sh",
    "lib/debian.sh",
    "lib/distroless.sh",
    "lib/fetch.sh",
    "lib/go.sh",
    "lib/trixie.sh",
    "lib/wheel.py",
    "alpine/adduser",
    "alpine/addgroup",
    "alpine/apk",
    "alpine/update-ca-certificates",
];

/// What the recipe tells of a layer, beside its tar.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct LayerNote {
    pub(super) diff_id: String,
    pub(super) packages: Vec<String>,
    pub(super) built: String,
}

impl LayerNote {
    pub(super) fn read(layers: &Path, layer: &str) -> io::Result<LayerNote> {
        let note = fs::read(layers.join(format!("{layer}.json")))?;
        Ok(serde_json::from_slice(&note)?)
    }
}

/// The same rule as in `lib/cache.sh`.
pub(super) fn root() -> PathBuf {
    match (set("EMPTY_ROOM_CACHE"), set("XDG_CACHE_HOME"), set("HOME")) {
        (Some(own), _, _) => own,
        (_, Some(cache), _) => cache.join("empty-room"),
        (_, _, Some(home)) => home.join(".cache/empty-room"),
        _ => "/root/.cache/empty-room".into(),
    }
}

/// The path that a variable of the environment names.
pub(super) fn set(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(PathBuf::from)
}

/// Names the recipe by all that it is made of.
pub(super) fn recipe_key() -> String {
    let mut hash = Sha256::new();
    for (name, content) in &RECIPE {
        hash.update(name);
        hash.update(content);
    }
    format!("{:x}", hash.finalize())[..12].to_string()
}

/// Lays the recipe down and returns its script. What it is made of names the directory,
/// so another version's stays whole beside it.
pub(super) fn lay_down_recipe() -> io::Result<PathBuf> {
    let dir = root().join("recipe").join(recipe_key());
    let script = dir.join("rebuild.sh");
    if !script.is_file() {
        fs::create_dir_all(root().join("recipe"))?;
        let fresh = tempfile::tempdir_in(root().join("recipe"))?;
        for (name, content) in &RECIPE {
            let path = fresh.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(fresh.path()))?;
            fs::write(path, content)?;
        }
        // Another process may have been faster: its files are the same.
        if let Err(error) = fs::rename(fresh.path(), &dir)
            && !script.is_file()
        {
            return Err(error);
        }
    }
    Ok(script)
}

/// The lock that a playground holds while it loads images, where nobody holds it.
pub(super) fn try_loading_lock() -> io::Result<Option<File>> {
    let dir = root().join("bases");
    fs::create_dir_all(&dir)?;
    let file = File::create(dir.join("loading.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
