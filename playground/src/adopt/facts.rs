//! What Go's own tool says of a tree: packages, what they import, where C is, what is embedded.
//!
//! Owns the reading of `go list`'s answer. The tool never runs on this machine: [`listing`] runs it
//! in a build of the engine, without a network; fetching modules is a build of its own before.

pub(super) mod listing;

use super::gomod::GoMod;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Packages of one module that are read, its dependencies included.
const MAX_PACKAGES: usize = 20_000;

/// A package as `go list -json` tells it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Package {
    /// Its folder in the container.
    pub dir: String,
    /// `example.com/service/cmd/api`
    pub import_path: String,
    /// The name after `package`.
    pub name: String,
    /// Whether it is of the standard library.
    pub standard: bool,
    /// Whether it is only there because another one needs it.
    pub dep_only: bool,
    /// Files that are compiled.
    pub go_files: Vec<String>,
    /// Files that `import "C"`.
    pub cgo_files: Vec<String>,
    /// Files that build constraints leave out.
    pub ignored_go_files: Vec<String>,
    /// What `//go:embed` asks for.
    pub embed_patterns: Vec<String>,
    /// Libraries that pkg-config is asked for.
    #[serde(rename = "CgoPkgConfig")]
    pub pkg_config: Vec<String>,
    /// What the C linker is told.
    #[serde(rename = "CgoLDFLAGS")]
    pub ld_flags: Vec<String>,
    /// What it imports directly.
    pub imports: Vec<String>,
    /// Why it cannot be built.
    pub error: Option<PackageError>,
}

/// Why a package cannot be built, in Go's words.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct PackageError {
    /// The message.
    pub err: String,
}

/// What Go says of one module.
#[derive(Clone, Debug, Default)]
pub(super) struct ModuleFacts {
    /// What its `go.mod` says.
    pub module: GoMod,
    /// All packages that it builds, by import path, with C allowed.
    pub packages: BTreeMap<String, Package>,
    /// Packages that have a reason not to build without C, in Go's words.
    pub without_c: BTreeMap<String, String>,
    /// What Go said beside its answer.
    pub said: String,
}

/// What Go says of a tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// `go version go1.27.3 linux/amd64`
    pub go_version: String,
    /// Its modules, the likeliest home of a service first.
    pub modules: Vec<ModuleFacts>,
}

impl ModuleFacts {
    /// From the answers of `go list` with and without cgo.
    pub(super) fn of(module: GoMod, with_c: &[u8], without_c: &[u8], said: String) -> ModuleFacts {
        let packages = packages(with_c).map(|package| (package.import_path.clone(), package));
        let packages: BTreeMap<_, _> = packages.collect();
        let refused = |package: Package| {
            let error = package.error?.err;
            let fine = packages.get(&package.import_path)?.error.is_none();
            fine.then_some((package.import_path, error))
        };
        ModuleFacts {
            without_c: self::packages(without_c).filter_map(refused).collect(),
            module,
            packages,
            said,
        }
    }

    /// Its own commands.
    pub(super) fn mains(&self) -> impl Iterator<Item = &Package> {
        let own = self.packages.values().filter(|package| !package.dep_only);
        own.filter(|package| package.name == "main" && !package.standard)
    }

    /// Import paths of all that a package is built of, itself included.
    pub(super) fn reach(&self, package: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = match self.packages.get_key_value(package) {
            Some((path, _)) => vec![path],
            None => Vec::new(),
        };
        while let Some(path) = open.pop() {
            if reached.insert(path)
                && let Some(package) = self.packages.get(path)
            {
                let imports = package.imports.iter().map(String::as_str);
                open.extend(imports.filter(|import| *import != "C"));
            }
        }
        reached
    }

    /// Packages with C files that a command is built of, those of the standard library left out:
    /// `net` and `os/user` have a version without.
    pub(super) fn with_c<'a>(&'a self, reached: &BTreeSet<&str>) -> Vec<&'a Package> {
        let reached = reached.iter().filter_map(|path| self.packages.get(*path));
        reached
            .filter(|package| !package.standard && !package.cgo_files.is_empty())
            .collect()
    }
}

/// The stream of objects that `go list -json` writes; what is none ends it.
fn packages(json: &[u8]) -> impl Iterator<Item = Package> {
    let stream = serde_json::Deserializer::from_slice(json).into_iter::<Package>();
    stream.map_while(Result::ok).take(MAX_PACKAGES)
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A package of these imports.
    pub(in crate::adopt) fn package(path: &str, name: &str, imports: &[&str]) -> Package {
        Package {
            import_path: path.to_owned(),
            name: name.to_owned(),
            standard: !path.contains('.'),
            dep_only: !path.contains("a.test"),
            go_files: vec!["main.go".into()],
            imports: imports.iter().map(|path| (*path).to_owned()).collect(),
            ..Package::default()
        }
    }

    /// The module `a.test/m` with these packages.
    pub(in crate::adopt) fn module(packages: Vec<Package>) -> ModuleFacts {
        let packages = packages.into_iter();
        ModuleFacts {
            module: GoMod {
                path: "a.test/m".into(),
                go: Some("1.24".into()),
                ..GoMod::default()
            },
            packages: packages.map(|one| (one.import_path.clone(), one)).collect(),
            ..ModuleFacts::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: &str = r#"
{"ImportPath":"net/http","Name":"http","Standard":true,"DepOnly":true}
{"Dir":"/go/pkg/mod/x","ImportPath":"b.test/sqlite","Name":"sqlite","DepOnly":true,"CgoFiles":["c.go"],"Imports":["C","net/http"]}
{"Dir":"/go/pkg/mod/y","ImportPath":"b.test/only","Name":"only","DepOnly":true,"CgoFiles":["c.go"]}
{"Dir":"/src","ImportPath":"a.test/m","Name":"main","GoFiles":["main.go"],"Imports":["b.test/sqlite","b.test/only"],"New":7}
"#;
    const WITHOUT: &str = r#"
{"ImportPath":"b.test/only","Error":{"Err":"build constraints exclude all Go files in /go/pkg/mod/y"}}
{"ImportPath":"a.test/m","Name":"main"}
"#;

    #[test]
    fn gos_answer_tells_where_c_is_and_where_it_must_be() {
        let facts = ModuleFacts::of(
            GoMod::default(),
            WITH.as_bytes(),
            WITHOUT.as_bytes(),
            String::new(),
        );
        let mains: Vec<_> = facts
            .mains()
            .map(|main| main.import_path.as_str())
            .collect();
        assert_eq!(mains, ["a.test/m"]);
        let reached = facts.reach("a.test/m");
        assert!(reached.contains("net/http") && !reached.contains("C"));
        assert_eq!(facts.with_c(&reached).len(), 2);
        assert_eq!(facts.without_c.keys().collect::<Vec<_>>(), ["b.test/only"]);
    }

    #[test]
    fn what_is_no_answer_of_gos_is_nothing() {
        for text in ["", "go: errors parsing go.mod", "[1]", "{\"ImportPath\":7}"] {
            assert_eq!(packages(text.as_bytes()).count(), 0, "{text}");
        }
    }
}
