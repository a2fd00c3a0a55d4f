//! The manifest of `--as`: read from a file or stdin, within bounds, with errors that name the line.

use analysis::manifest::{Container, MAX_BYTES, Manifest, ManifestError};
use anyhow::bail;
use policy::sanitize::{shown, visible};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A manifest, and what it is called.
pub(super) struct Named {
    pub(super) file: String,
    pub(super) manifest: Manifest,
}

impl Named {
    /// Reads what `--as` names.
    pub(super) fn read(file: &str) -> anyhow::Result<Named> {
        let name = match file {
            "-" => "stdin",
            file => file,
        };
        let read = match file {
            "-" => bounded(io::stdin().lock()),
            file => regular(Path::new(file)).and_then(bounded),
        };
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => bail!(
                "--as {}: {error}\n  next: name a manifest: a file, or - for one on stdin",
                shown(name)
            ),
        };
        match Manifest::read(&bytes) {
            Ok(manifest) => Ok(Named {
                file: name.to_owned(),
                manifest,
            }),
            Err(error) => Err(wrong(name, &error)),
        }
    }

    /// The container that is meant: by its name, or by the image, which is `None` where a path
    /// names it.
    pub(super) fn container(
        &self,
        image: Option<&str>,
        name: Option<&str>,
    ) -> anyhow::Result<&Container> {
        let chosen = self.manifest.choose(image, name);
        chosen.map_err(|error| wrong(&self.file, &error))
    }
}

/// Like a compiler: `deploy.yaml:12: what`.
fn wrong(file: &str, error: &ManifestError) -> anyhow::Error {
    let line = error.line.map(|line| format!(":{line}"));
    anyhow::anyhow!(
        "{}{}: {}\n  next: {}",
        shown(file),
        line.unwrap_or_default(),
        visible(&error.what),
        visible(&error.next)
    )
}

/// A FIFO would wait for ever, and a device never end.
fn regular(path: &Path) -> io::Result<File> {
    let refuse = |what: &str| Err(io::Error::other(what.to_owned()));
    let metadata = path.metadata()?;
    if metadata.is_dir() {
        return refuse("it is a directory");
    }
    if !metadata.is_file() {
        return refuse("it is no regular file");
    }
    File::open(path)
}

/// Everything, or one byte more than is read of a manifest: its reader says that it is too much.
fn bounded(read: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
