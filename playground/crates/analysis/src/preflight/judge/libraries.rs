//! The libraries that a program needs, and those that these need: found, and new enough?
//!
//! Owns the order in which they are loaded, and what is said of the first that stops the
//! loader. Where it looks is `search`'s business, whether a version is there `versions`'.

mod search;

use self::search::{Found, Loaded, Loader, Search};
use super::{Problem, Sure};
use crate::binary::Elf;
use crate::entrypoint::ImageContext;
use crate::image::tree::NodeId;
use crate::preflight::rule::Rule;
use crate::preflight::versions::too_old;
use std::collections::{BTreeMap, BTreeSet};

/// Libraries of one program that are followed.
const MAX_LIBRARIES: usize = 512;
/// Directories that a finding names.
const MAX_NAMED: usize = 16;

/// The first library that the loader would not find or not take, of the program or of a library.
pub(super) fn problem(context: &ImageContext<'_>, id: NodeId, elf: &Elf) -> Option<Problem> {
    let interpreter = elf.interpreter.as_deref()?;
    let file = context.tree.path(context.tree.lookup(interpreter).ok()?);
    let musl = interpreter.contains("ld-musl") || file.contains("ld-musl");
    // A stand-in for glibc's loader (gcompat): who knows what it loads.
    let stand_in = !musl && (file.contains("libgcompat") || has_musl(context));
    if stand_in {
        return None;
    }
    let loader = if musl { Loader::Musl } else { Loader::Glibc };
    let search = Search::new(context, loader, elf.head, interpreter, &file);
    let path = context.tree.path(id);
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
                    let program = context.program(id);
                    let Some(elf) = program.and_then(|program| program.elf.as_ref()) else {
                        continue;
                    };
                    found.insert(name.as_str(), loaded.len());
                    loaded.push(Loaded {
                        called,
                        path: context.tree.path(id),
                        elf,
                        by: Some(at),
                    });
                }
                Found::Perhaps => {}
                Found::Nowhere(places) => {
                    let by = &loaded.get(at)?.path;
                    let program = &loaded.first()?.path;
                    return Some(missing(loader, name, program, by, interpreter, &places));
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
    pairs
        .filter_map(|(asks, name)| {
            let library = loaded.get(*found.get(name)?)?;
            let too_old = too_old(&asks.path, asks.elf, name, &library.path, library.elf)?;
            search.lacks(name, asks.elf).then_some(too_old)
        })
        .map(|too_old| Problem {
            rule: Rule::LibraryTooOld,
            what: too_old.what(),
            evidence: too_old.evidence(),
            fix: too_old.fix().into(),
            sure: Sure::Surely,
        })
        .next()
}

fn has_musl(context: &ImageContext<'_>) -> bool {
    let Ok(lib) = context.tree.lookup("/lib") else {
        return false;
    };
    let mut names = context
        .tree
        .children(lib)
        .map(|id| context.tree.node(id).name);
    names.any(|name| name.starts_with("ld-musl"))
}

fn missing(
    loader: Loader,
    name: &str,
    path: &str,
    by: &str,
    interpreter: &str,
    places: &[String],
) -> Problem {
    let whom = whom(path, by);
    let said = match loader {
        Loader::Glibc => format!("error while loading shared libraries: {name}"),
        Loader::Musl => format!("Error loading shared library {name}"),
    };
    let more = places.len().saturating_sub(MAX_NAMED);
    let mut named = places.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
    named.extend((more > 0).then(|| format!("and {more} more")));
    Problem {
        rule: Rule::LibraryMissing,
        what: format!("{whom} needs {name}, which is nowhere that {interpreter} looks: {said}."),
        evidence: vec![
            format!("DT_NEEDED of {by}: {name}"),
            format!("looked in {}", named.join(", ")),
        ],
        fix: "link it statically (CGO_ENABLED=0 where nothing is C), install the library's \
              package, or COPY what ldd lists"
            .into(),
        sure: Sure::Surely,
    }
}

fn whom(path: &str, by: &str) -> String {
    match by == path {
        true => path.to_owned(),
        false => format!("{by}, which {path} needs,"),
    }
}
