//! An image's layers by another look than preflight's: the saved archive, entry by entry.
//!
//! Knows `manifest.json` and tar; nothing of the library under test.

use flate2::read::GzDecoder;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// What every file says that plays a secret.
const PLANTED: [&str; 2] = ["planted-by-the-matrix", "planted by the matrix"];
/// Files larger than this are none of those.
const MOST: u64 = 4096;

/// What the layers hold, also what nobody can reach any more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layers {
    /// A planted secret lies in one of them.
    pub(crate) secret: bool,
    /// A repository's `.git/HEAD` lies in one of them.
    pub(crate) git: bool,
    /// Bytes of files that a later layer replaces or removes.
    pub(crate) wasted: u64,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

impl Layers {
    /// Reads what `docker save` wrote.
    pub(crate) fn read(mut archive: File) -> io::Result<Layers> {
        let mut places = HashMap::new();
        let mut manifest = Vec::new();
        let mut links = HashMap::new();
        for entry in tar::Archive::new(&archive).entries_with_seek()? {
            let mut entry = entry?;
            let name = entry.path()?.to_string_lossy().into_owned();
            if let Some(target) = entry.link_name()? {
                // Docker 20.10 writes a layer that was there before as a link.
                let target = target.to_string_lossy();
                let target = target.trim_start_matches("../").to_owned();
                links.insert(name, target);
            } else if name == "manifest.json" {
                entry.read_to_end(&mut manifest)?;
            } else {
                places.insert(name, (entry.raw_file_position(), entry.size()));
            }
        }
        let images: Vec<Manifest> = serde_json::from_slice(&manifest)?;
        let mut found = Layers::default();
        let mut there: HashMap<String, u64> = HashMap::new();
        for name in images.iter().flat_map(|image| &image.layers) {
            let name = links.get(name).unwrap_or(name);
            let &(start, length) = places
                .get(name)
                .ok_or_else(|| io::Error::other(format!("no layer {name} in the archive")))?;
            archive.seek(SeekFrom::Start(start))?;
            let mut layer = BufReader::new((&mut archive).take(length));
            let zipped = io::BufRead::fill_buf(&mut layer)?.starts_with(&[0x1f, 0x8b]);
            match zipped {
                true => found.see(GzDecoder::new(layer), &mut there)?,
                false => found.see(layer, &mut there)?,
            }
        }
        Ok(found)
    }

    fn see(&mut self, layer: impl Read, there: &mut HashMap<String, u64>) -> io::Result<()> {
        let mut added = HashMap::new();
        for entry in tar::Archive::new(layer).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if let Some(gone) = name.strip_prefix(".wh.") {
                let gone = match folder {
                    "" => gone.to_owned(),
                    folder => format!("{folder}/{gone}"),
                };
                let below = format!("{gone}/");
                there.retain(|path, bytes| {
                    let goes = *path == gone || path.starts_with(&below);
                    self.wasted += if goes { *bytes } else { 0 };
                    !goes
                });
                continue;
            }
            if !entry.header().entry_type().is_file() {
                continue;
            }
            self.git |= path == ".git/HEAD" || path.ends_with("/.git/HEAD");
            let bytes = entry.size();
            if bytes <= MOST {
                let mut text = Vec::new();
                entry.read_to_end(&mut text)?;
                let text = String::from_utf8_lossy(&text);
                self.secret |= PLANTED.iter().any(|words| text.contains(words));
            }
            added.insert(path, bytes);
        }
        for (path, bytes) in added {
            self.wasted += there.insert(path, bytes).unwrap_or_default();
        }
        Ok(())
    }
}
