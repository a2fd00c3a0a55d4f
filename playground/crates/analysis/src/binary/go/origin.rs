//! Where a package comes from, by build info.

use super::build::BuildInfo;
use serde::Serialize;
use std::collections::HashMap;

/// Where a package comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "origin", rename_all = "kebab-case")]
pub enum Origin {
    /// The program's own module, and package main.
    Main,
    /// Go's standard library, with what it carries in `vendor/`.
    Std,
    /// A module that the program depends on.
    Module {
        /// Its place in [`BuildInfo::modules`], from 0.
        index: usize,
    },
    /// Made by the compiler for types without a name.
    Generated,
    /// Not to be told: build info is missing or does not name it.
    #[default]
    Unknown,
}

/// All modules of a program by path.
pub(super) struct Origins<'a> {
    modules: HashMap<&'a str, Origin>,
}

impl<'a> Origins<'a> {
    pub(super) fn new(build: Option<&'a BuildInfo>) -> Self {
        let mut modules = HashMap::new();
        if let Some(build) = build {
            for (index, module) in build.modules.iter().enumerate() {
                modules.insert(module.path.as_str(), Origin::Module { index });
            }
            if let Some(main) = &build.main {
                modules.insert(main.path.as_str(), Origin::Main);
            }
        }
        Self { modules }
    }

    /// The module with the longest path that `package` (un-escaped) lies under.
    pub(super) fn of(&self, package: &str) -> Origin {
        if package == "main" {
            return Origin::Main;
        }
        let mut path = package;
        loop {
            if let Some(origin) = self.modules.get(path) {
                return *origin;
            }
            match path.rsplit_once('/') {
                Some((outer, _)) => path = outer,
                // Paths outside of the standard library begin with a host, which has a dot.
                None if path.contains('.') => return Origin::Unknown,
                None => return Origin::Std,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Module;
    use super::*;

    #[test]
    fn the_longest_module_path_wins() {
        let module = |path: &str| Module {
            path: path.into(),
            ..Module::default()
        };
        let build = BuildInfo {
            go_version: String::new(),
            path: String::new(),
            main: Some(module("app")),
            modules: vec![module("example.com/a"), module("example.com/a/b")],
            settings: vec![],
        };
        let origins = Origins::new(Some(&build));
        for (package, origin) in [
            ("main", Origin::Main),
            ("app/inner", Origin::Main),
            ("application", Origin::Std),
            ("example.com/a", Origin::Module { index: 0 }),
            ("example.com/a/b/c", Origin::Module { index: 1 }),
            ("example.com/ab", Origin::Unknown),
            ("vendor/golang.org/x/net/idna", Origin::Std),
        ] {
            assert_eq!(origins.of(package), origin, "{package}");
        }
    }
}
