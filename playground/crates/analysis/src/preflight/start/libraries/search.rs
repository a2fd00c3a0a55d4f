//! Where a loader looks for a library: `_dl_map_object` in glibc's `elf/dl-load.c`, and
//! `load_library` in musl's `ldso/dynlink.c`.
//!
//! Knows whose paths count for whom. What is not read (`ld.so.cache`, musl's `.path` file,
//! `$LIB`, where a loader in an unusual place was built to look) makes the answer milder: a
//! library is missing only where no file of its name lies anywhere that the loader might look.

use crate::binary::{Elf, Head, PathKind};
use crate::entrypoint::ImageContext;
use crate::image::tree::NodeId;

/// What glibc's loaders are built to search, on Debian and on others.
const USUAL: [&str; 6] = [
    "/lib",
    "/usr/lib",
    "/lib64",
    "/usr/lib64",
    "/lib32",
    "/usr/lib32",
];
/// musl's, without a `.path` file.
const MUSL: [&str; 3] = ["/lib", "/usr/local/lib", "/usr/lib"];
/// Whatever begins so is musl itself.
const IS_MUSL: [&str; 7] = [
    "libc.",
    "libpthread.",
    "librt.",
    "libm.",
    "libdl.",
    "libutil.",
    "libxnet.",
];
/// Directories that are looked at for one library.
const MAX_DIRECTORIES: usize = 512;
/// Files of one name that are compared.
const MAX_NAMESAKES: usize = 64;

/// Whose loader it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::preflight) enum Loader {
    Glibc,
    Musl,
}

/// A file that the loader has taken.
pub(super) struct Loaded<'a> {
    /// Where it was found, before links.
    pub(super) called: String,
    /// Where it lies.
    pub(super) path: String,
    pub(super) elf: &'a Elf,
    /// Who asked for it first, as a place among all that is loaded; `None` for the program.
    pub(super) by: Option<usize>,
}

pub(super) enum Found {
    At {
        /// The path that led there.
        called: String,
        id: NodeId,
    },
    /// Or where we cannot look.
    Possible,
    /// Not in these directories.
    Nowhere(Vec<String>),
}

pub(super) struct Search<'s, 'a> {
    image: &'s ImageContext<'a>,
    pub(super) loader: Loader,
    head: Head,
    /// The loader's file name: what asks for it has it already.
    interpreter: String,
    /// Directories for whatever asks.
    everywhere: Vec<String>,
    /// It may look in places that we do not know.
    looks_elsewhere: bool,
}

impl<'s, 'a> Search<'s, 'a> {
    /// `interpreter` is the loader as the program names it, `file` where that leads.
    pub(super) fn new(
        image: &'s ImageContext<'a>,
        loader: Loader,
        head: Head,
        interpreter: &str,
        file: &str,
    ) -> Self {
        let path = image.env("LD_LIBRARY_PATH").unwrap_or_default();
        // An empty one is none; an empty element is the working directory.
        let paths = path.split([':', ';']).filter(|_| !path.is_empty());
        let mut everywhere: Vec<String> = paths.map(|path| image.absolute(path)).collect();
        let (mut usual, own_list): (Vec<String>, _) = match loader {
            Loader::Musl => (
                MUSL.map(String::from).into(),
                names_in(image, "/etc").any(|name| name.starts_with("ld-musl-")),
            ),
            Loader::Glibc => (
                USUAL.map(String::from).into(),
                image.tree.lookup("/etc/ld.so.cache").is_ok(),
            ),
        };
        if loader == Loader::Glibc {
            // `/lib/x86_64-linux-gnu` and its likes.
            for lib in ["/lib", "/usr/lib"] {
                let multiarch = names_in(image, lib).filter(|name| name.contains("-linux-"));
                usual.extend(multiarch.map(|name| format!("{lib}/{name}")));
            }
        }
        let homes = [interpreter, file].map(directory);
        // It is built to look where it is installed: glibc under a prefix of its own, or Nix.
        let unusual = homes.map(String::from).into_iter();
        let unusual: Vec<_> = unusual.filter(|home| !usual.contains(home)).collect();
        let looks_elsewhere = own_list || !unusual.is_empty() || path.contains('$');
        everywhere.extend(usual.into_iter().chain(unusual));
        Search {
            image,
            loader,
            head,
            interpreter: name(interpreter).to_owned(),
            everywhere,
            looks_elsewhere,
        }
    }

    /// Where a library is that the file at a place among all loaded ones asks for.
    pub(super) fn find(&self, name: &str, loaded: &[Loaded<'_>], asks: usize) -> Found {
        let is_musl = IS_MUSL.iter().any(|is| name.starts_with(is));
        // The loader itself is in memory already.
        if self.loader == Loader::Musl && is_musl || self.interpreter == name {
            return Found::Possible;
        }
        if name.contains('/') {
            let called = self.image.absolute(name);
            return match (self.at(&called), called.contains('$')) {
                (Some(id), _) => Found::At { called, id },
                (None, true) => Found::Possible,
                (None, false) => Found::Nowhere(vec![directory(&called).to_owned()]),
            };
        }
        let Some(mut places) = self.own_places(loaded, asks) else {
            return Found::Possible;
        };
        places.extend(self.everywhere.iter().cloned());
        let found = places.iter().find_map(|place| {
            let called = format!("{place}/{name}");
            self.at(&called).map(|id| Found::At { called, id })
        });
        found.unwrap_or_else(|| match self.looks_elsewhere {
            true if !self.image.named(name).is_empty() => Found::Possible,
            _ => Found::Nowhere(places),
        })
    }

    /// What the files themselves say; `None` where that cannot be told, or is without end.
    ///
    /// musl takes the paths of all on the way to the program. glibc takes the RUNPATH of whoever
    /// asks, and nothing else; without one, the RPATH of all on the way.
    fn own_places(&self, loaded: &[Loaded<'_>], asks: usize) -> Option<Vec<String>> {
        let path_of = |at: usize| loaded.get(at)?.elf.search_path.as_ref();
        let alone = self.loader == Loader::Glibc
            && path_of(asks).is_some_and(|path| path.kind == PathKind::Runpath);
        let up = |at: &usize| loaded.get(*at)?.by.filter(|_| !alone);
        let mut places: Vec<String> = Vec::new();
        for at in std::iter::successors(Some(asks), up) {
            let (Some(of), Some(path)) = (loaded.get(at), path_of(at)) else {
                continue;
            };
            let counts = alone || self.loader == Loader::Musl || path.kind == PathKind::Rpath;
            let elements = path.directories.split(':').filter(|_| counts);
            for element in elements {
                // Loaders differ in whether links count.
                for origin in [&of.called, &of.path].map(|path| directory(path)) {
                    let place = element
                        .replace("$ORIGIN", origin)
                        .replace("${ORIGIN}", origin);
                    if place.contains('$') {
                        return None;
                    }
                    let place = self.image.absolute(&place);
                    if !places.contains(&place) {
                        places.push(place);
                    }
                }
                if places.len() > MAX_DIRECTORIES {
                    return None;
                }
            }
        }
        Some(places)
    }

    /// A library for another CPU is passed over, as loaders do.
    fn at(&self, path: &str) -> Option<NodeId> {
        let id = self.image.tree.lookup(path).ok()?;
        let program = self.image.program(id);
        let other = program.and_then(|library| library.elf.as_deref());
        let fits = other.is_none_or(|elf| {
            (elf.head.machine, elf.head.class) == (self.head.machine, self.head.class)
        });
        (self.image.tree.node(id).is_file() && fits).then_some(id)
    }

    /// Whether a version is asked for that no file of this name has. Which of several the
    /// loader takes is its business; one without any versions is taken as it is.
    pub(super) fn lacks(&self, name: &str, asks: &Elf) -> bool {
        let Some(versions) = asks.needs_versions.get(name) else {
            return false;
        };
        let tree = self.image.tree;
        let called = self.image.named(name);
        if called.len() > MAX_NAMESAKES {
            return false;
        }
        let files = called
            .iter()
            .filter_map(|id| tree.lookup(&tree.path(*id)).ok());
        let elves = files.map(|id| self.image.program(id).and_then(|it| it.elf.as_deref()));
        let Some(known) = elves.collect::<Option<Vec<_>>>() else {
            return false;
        };
        let lacking = |version: &String| {
            let lacks = |elf: &&Elf| {
                !elf.defines_versions.is_empty() && !elf.defines_versions.contains(version)
            };
            known.iter().all(lacks)
        };
        versions.iter().any(lacking)
    }
}

/// What lies in a directory, by name.
pub(super) fn names_in<'a>(image: &ImageContext<'a>, path: &str) -> impl Iterator<Item = &'a str> {
    let tree = image.tree;
    let directory = tree.lookup(path).ok().into_iter();
    let children = directory.flat_map(|id| tree.children(id));
    children.map(|id| tree.node(id).name)
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
