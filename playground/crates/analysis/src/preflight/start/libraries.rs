//! The libraries that a program needs, and those that these need: found, and new enough?
//!
//! Owns the order in which they are loaded, and which is the first that stops the loader. Where it
//! looks is `search`'s business, whether a version is there `versions`'.

mod search;
#[cfg(test)]
mod tests;
mod versions;

pub(in crate::preflight) use search::Loader;
pub(super) use versions::TooOld;

use super::StartError;
use crate::binary::Elf;
use crate::entrypoint::ImageContext;
use crate::image::tree::NodeId;
use search::{Found, Loaded, Search, names_in};
use std::collections::{BTreeMap, BTreeSet};
use versions::too_old;

/// Libraries of one program that are followed.
const MAX_LIBRARIES: usize = 512;

/// The first library that the loader would not find or not take, of the program or of a library.
pub(super) fn error<'a>(
    image: &ImageContext<'a>,
    id: NodeId,
    elf: &'a Elf,
) -> Option<StartError<'a>> {
    let interpreter = elf.interpreter.as_deref()?;
    let file = image.tree.path(image.tree.lookup(interpreter).ok()?);
    let musl = interpreter.contains("ld-musl") || file.contains("ld-musl");
    // A stand-in for glibc's loader (gcompat): who knows what it loads.
    let is_musl = |name: &str| name.starts_with("ld-musl");
    let stand_in = !musl && (file.contains("libgcompat") || names_in(image, "/lib").any(is_musl));
    if stand_in {
        return None;
    }
    let loader = if musl { Loader::Musl } else { Loader::Glibc };
    let search = Search::new(image, loader, elf.head, interpreter, &file);
    let path = image.tree.path(id);
    let mut known = BTreeSet::new();
    let mut found = BTreeMap::new();
    let mut loaded = vec![Loaded {
        called: path.clone(),
        path,
        elf,
        by: None,
    }];
    let mut at = 0;
    while let Some(asks) = loaded.get(at) {
        let elf = asks.elf;
        for name in &elf.needed {
            if known.len() >= MAX_LIBRARIES || !known.insert(name.as_str()) {
                continue;
            }
            match search.find(name, &loaded, at) {
                Found::At { called, id } => {
                    let program = image.program(id);
                    let Some(elf) = program.and_then(|program| program.elf.as_deref()) else {
                        continue;
                    };
                    found.insert(name.as_str(), loaded.len());
                    loaded.push(Loaded {
                        called,
                        path: image.tree.path(id),
                        elf,
                        by: Some(at),
                    });
                }
                Found::Possible => {}
                Found::Nowhere(places) => {
                    return Some(StartError::LibraryMissing {
                        loader,
                        interpreter,
                        name,
                        by: loaded.get(at)?.path.clone(),
                        places,
                    });
                }
            }
        }
        at += 1;
    }
    // Then what each asks of the others; musl does not look.
    if loader == Loader::Musl {
        return None;
    }
    let pairs = loaded.iter().flat_map(|asks| {
        let named = asks.elf.needs_versions.keys();
        named.map(move |name| (asks, name.as_str()))
    });
    let mut too_old = pairs.filter_map(|(asks, name)| {
        let library = loaded.get(*found.get(name)?)?;
        let too_old = too_old(&asks.path, asks.elf, name, &library.path, library.elf)?;
        search.lacks(name, asks.elf).then_some(too_old)
    });
    too_old.next().map(StartError::LibraryTooOld)
}
