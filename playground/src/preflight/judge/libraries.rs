//! The libraries that a loader would look for, and where: glibc's `ld.so(8)` and musl's.
//!
//! What is not read (`ld.so.cache`, musl's `.path` file, `$LIB`) makes the answer milder: a
//! library is missing only where no file of its name lies anywhere that the loader might look.

use super::{Problem, Sure};
use crate::binary::{Elf, Head};
use crate::image::tree::NodeId;
use crate::preflight::rule::Rule;
use crate::preflight::scene::Scene;
use crate::preflight::versions::too_old;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Libraries of one program that are followed.
const MOST_LIBRARIES: usize = 512;
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
/// Whatever begins so is musl itself (`ldso/dynlink.c`, `load_library`).
const IS_MUSL: [&str; 7] = [
    "libc.",
    "libpthread.",
    "librt.",
    "libm.",
    "libdl.",
    "libutil.",
    "libxnet.",
];

enum Loader {
    Glibc,
    Musl,
}

struct Search<'s, 'a> {
    scene: &'s Scene<'a>,
    loader: Loader,
    head: Head,
    /// Directories for whatever asks.
    everywhere: Vec<String>,
    /// Names of all files, where the loader may look in places that we do not know.
    anywhere: Option<BTreeSet<&'a str>>,
}

/// The first library that the loader would not find or not take, of the program or of a library.
pub(super) fn problem(scene: &Scene<'_>, id: NodeId, elf: &Elf) -> Option<Problem> {
    let interpreter = elf.interpreter.as_deref()?;
    let file = scene.tree.path(scene.tree.lookup(interpreter).ok()?);
    let musl = interpreter.contains("ld-musl") || file.contains("ld-musl");
    // A stand-in for glibc's loader (gcompat): who knows what it loads.
    let stand_in = !musl && (file.contains("libgcompat") || has_musl(scene));
    if stand_in {
        return None;
    }
    let search = Search::new(scene, elf, musl);
    let path = scene.tree.path(id);
    let mut known = BTreeSet::new();
    let mut found = BTreeMap::new();
    let mut loaded = Vec::new();
    let mut open = VecDeque::from([(path.clone(), elf)]);
    while let Some((by, asks)) = open.pop_front() {
        for name in &asks.needed {
            if known.len() >= MOST_LIBRARIES || !known.insert(name.as_str()) {
                continue;
            }
            match search.find(name, &by, asks, elf, &path) {
                Found::At(id) => {
                    let elf = scene.program(id).and_then(|program| program.elf.as_ref());
                    open.extend(elf.map(|elf| (scene.tree.path(id), elf)));
                    found.extend(elf.map(|elf| (name.as_str(), (id, elf))));
                }
                Found::Perhaps => {}
                Found::Nowhere => return Some(search.missing(name, &path, &by, interpreter)),
            }
        }
        loaded.push((by, asks));
    }
    // As the loader does: when all are found, what each asks of the others.
    let pairs = loaded.iter().flat_map(|(by, asks)| {
        let named = asks.needs_versions.keys();
        named.map(move |name| (by, asks, name.as_str()))
    });
    pairs
        .filter_map(|(by, asks, name)| {
            let (id, library) = *found.get(name).filter(|_| search.lacks(name, asks))?;
            too_old(by, asks, name, &scene.tree.path(id), library)
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

fn has_musl(scene: &Scene<'_>) -> bool {
    let Ok(lib) = scene.tree.lookup("/lib") else {
        return false;
    };
    let mut names = scene.tree.children(lib).map(|id| scene.tree.node(id).name);
    names.any(|name| name.starts_with("ld-musl"))
}

enum Found {
    At(NodeId),
    /// Or where we cannot look.
    Perhaps,
    Nowhere,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(scene: &'s Scene<'a>, elf: &Elf, musl: bool) -> Self {
        let mut everywhere: Vec<String> = Vec::new();
        let path = scene.env("LD_LIBRARY_PATH").unwrap_or_default();
        let paths = path.split([':', ';']).filter(|path| !path.is_empty());
        everywhere.extend(paths.map(|path| scene.absolute(path)));
        let own_list = match musl {
            true => {
                everywhere.extend(MUSL.map(String::from));
                let etc = scene.tree.lookup("/etc").ok();
                let names = etc.map(|etc| scene.tree.children(etc).collect::<Vec<_>>());
                let mut names = names.into_iter().flatten();
                names.any(|id| scene.tree.node(id).name.starts_with("ld-musl-"))
            }
            false => {
                everywhere.extend(USUAL.map(String::from));
                for lib in ["/lib", "/usr/lib"] {
                    everywhere.extend(multiarch(scene, lib));
                }
                scene.tree.lookup("/etc/ld.so.cache").is_ok()
            }
        };
        let names = || scene.tree.walk().map(|id| scene.tree.node(id).name);
        Search {
            scene,
            loader: if musl { Loader::Musl } else { Loader::Glibc },
            head: elf.head,
            everywhere,
            anywhere: own_list.then(|| names().collect()),
        }
    }

    fn find(&self, name: &str, by: &str, asks: &Elf, program: &Elf, path: &str) -> Found {
        if matches!(self.loader, Loader::Musl) && IS_MUSL.iter().any(|is| name.starts_with(is)) {
            return Found::Perhaps;
        }
        // It is in memory already.
        let loader = program.interpreter.as_deref().unwrap_or_default();
        if loader.rsplit('/').next() == Some(name) {
            return Found::Perhaps;
        }
        if name.contains('/') {
            return self
                .at(&self.scene.absolute(name))
                .map_or(Found::Nowhere, Found::At);
        }
        let mut paths = Vec::new();
        let own = [(asks, by), (program, path)];
        for (elf, of) in own {
            for directory in elf.search_path.iter().flat_map(|paths| paths.split(':')) {
                let origin = of.rsplit_once('/').map_or("", |(directory, _)| directory);
                let directory = directory
                    .replace("$ORIGIN", origin)
                    .replace("${ORIGIN}", origin);
                if directory.contains('$') {
                    return Found::Perhaps;
                }
                paths.push(self.scene.absolute(&directory));
            }
        }
        let places = paths.iter().chain(&self.everywhere);
        let found = places
            .map(|directory| format!("{directory}/{name}"))
            .find_map(|path| self.at(&path));
        match (found, &self.anywhere) {
            (Some(id), _) => Found::At(id),
            (None, Some(names)) if names.contains(name) => Found::Perhaps,
            (None, _) => Found::Nowhere,
        }
    }

    /// A library for another CPU is passed over, as loaders do.
    fn at(&self, path: &str) -> Option<NodeId> {
        let id = self.scene.tree.lookup(path).ok()?;
        let other = self
            .scene
            .program(id)
            .and_then(|library| library.elf.as_ref());
        let fits = other.is_none_or(|elf| {
            (elf.head.machine, elf.head.class) == (self.head.machine, self.head.class)
        });
        (self.scene.tree.node(id).is_file() && fits).then_some(id)
    }

    /// Whether a version is asked for that no file of this name has. Which of several the
    /// loader takes is its business; one without any versions is taken as it is, and musl does
    /// not look.
    fn lacks(&self, name: &str, asks: &Elf) -> bool {
        let Some(versions) = asks.needs_versions.get(name) else {
            return false;
        };
        let tree = self.scene.tree;
        let called = tree.walk().filter(|id| tree.node(*id).name == name);
        let files = called.filter_map(|id| tree.lookup(&tree.path(id)).ok());
        let elves = files.map(|id| self.scene.program(id).and_then(|it| it.elf.as_ref()));
        let Some(known) = elves.collect::<Option<Vec<_>>>() else {
            return false;
        };
        let lacking = |version: &String| {
            let lacks = |elf: &&Elf| {
                !elf.defines_versions.is_empty() && !elf.defines_versions.contains(version)
            };
            known.iter().all(lacks)
        };
        matches!(self.loader, Loader::Glibc) && versions.iter().any(lacking)
    }

    fn missing(&self, name: &str, path: &str, by: &str, interpreter: &str) -> Problem {
        let whom = whom(path, by);
        let said = match self.loader {
            Loader::Glibc => format!("error while loading shared libraries: {name}"),
            Loader::Musl => format!("Error loading shared library {name}"),
        };
        Problem {
            rule: Rule::LibraryMissing,
            what: format!(
                "{whom} needs {name}, which is nowhere that {interpreter} looks: {said}."
            ),
            evidence: vec![
                format!("DT_NEEDED of {by}: {name}"),
                format!("looked in {}", self.everywhere.join(", ")),
            ],
            fix: "link it statically (CGO_ENABLED=0 where nothing is C), install the library's \
                  package, or COPY what ldd lists"
                .into(),
            sure: Sure::Surely,
        }
    }
}

fn whom(path: &str, by: &str) -> String {
    match by == path {
        true => path.to_owned(),
        false => format!("{by}, which {path} needs,"),
    }
}

/// `/lib/x86_64-linux-gnu` and its likes.
fn multiarch(scene: &Scene<'_>, lib: &str) -> Vec<String> {
    let Ok(id) = scene.tree.lookup(lib) else {
        return Vec::new();
    };
    let names = scene.tree.children(id).map(|id| scene.tree.node(id).name);
    names
        .filter(|name| name.contains("-linux-"))
        .map(|name| format!("{lib}/{name}"))
        .collect()
}
