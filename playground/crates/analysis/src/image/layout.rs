//! An OCI layout as a directory: its JSON first, then only the layers of the image that is
//! meant. Nothing outside the directory is opened, whatever lies in it.

use super::archive::{self, Member};
use super::content::EntryContent;
use super::error::ReadError;
use super::limits::MAX_MEMBERS;
use super::meter::{Gauge, Meter, Metered};
use super::model::{Image, Visited};
use super::reader::{Compressed, collect, dense};
use super::select::choose;
use super::selector::ImageSelector;
use super::text::shown;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

/// Reads the image that `selector` means from the OCI layout in `directory`; see
/// [`read_archive`](super::read_archive).
///
/// # Errors
/// As [`read_archive`](super::read_archive), and where the directory cannot be read.
pub(crate) fn read_layout<T>(
    directory: &Path,
    selector: &ImageSelector,
    compressed: Compressed,
    visit: impl FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>>,
) -> Result<(Image, Visited<T>), ReadError> {
    collect(compressed.plain_layers(), dense(visit), |reading| {
        let mut names = vec!["index.json".to_owned()];
        for algorithm in names_in(&directory.join("blobs"))? {
            let blobs = names_in(&directory.join("blobs").join(&algorithm))?;
            names.extend(blobs.iter().map(|blob| format!("blobs/{algorithm}/{blob}")));
            if names.len() > MAX_MEMBERS {
                return Err(ReadError::ManyMembers);
            }
        }
        let meter = Rc::<Meter>::default();
        for name in &names {
            let Some((size, mut file)) = open(directory, name)? else {
                continue;
            };
            let mut first = [0];
            if file.read(&mut first)? == 1 && matches!(first[0], b'{' | b'[') {
                let whole = first.as_slice().chain(file);
                archive::member(name, size, whole, &meter, &mut |member| match member {
                    Member::Layer(_) => Ok(()),
                    json => Ok(reading.member(name, json)?),
                })?;
            }
        }
        let chosen = choose(&reading.documents, selector)?;
        for name in chosen.layers.iter().map(|place| &place.at) {
            let Some((size, reader)) = open(directory, name)? else {
                return Err(ReadError::Missing(format!("the layer {}", shown(name))));
            };
            let reader = Metered::new(reader, &meter, Gauge::Raw);
            archive::member(name, size, reader, &meter, &mut |member| {
                Ok(reading.member(name, member)?)
            })?;
        }
        Ok(chosen)
    })
}

/// What lies in a directory, by plain names; nothing where there is none.
fn names_in(directory: &Path) -> Result<Vec<String>, ReadError> {
    if !directory.symlink_metadata().is_ok_and(|it| it.is_dir()) {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in directory.read_dir()? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
        if names.len() > MAX_MEMBERS {
            return Err(ReadError::ManyMembers);
        }
    }
    names.sort();
    Ok(names)
}

/// A regular file with its size; links and pipes count as not there.
fn open(directory: &Path, name: &str) -> Result<Option<(u64, File)>, ReadError> {
    let path = directory.join(name);
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => Ok(Some((found.len(), File::open(&path)?))),
        _ => Ok(None),
    }
}
