//! Which command of a repository is its service.
//!
//! Every command gets points with the reason beside each; the most points win, and the others are
//! listed. Names of repositories mean nothing here. Pure.

mod name;

use super::facts::{ModuleFacts, Package};
use super::gomod::{is_plain, join};
use super::hints::Hints;
use super::tree::WorkingTree;
use serde::Serialize;
use std::cmp::Reverse;

/// A command of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// Its folder, from the tree's top; `.` for the top.
    pub dir: String,
    /// Its import path.
    pub import_path: String,
    /// What speaks for and against it, in points.
    pub score: i32,
    /// The reasons, each with its points.
    pub reasons: Vec<Reason>,
    /// The module's place among the facts.
    #[serde(skip)]
    pub module: usize,
    /// Its folder, from its module's.
    #[serde(skip)]
    pub package_dir: String,
    /// Whether it lies where nothing lies that is shipped, and nothing builds it all the same.
    #[serde(skip)]
    pub aside: bool,
    /// Whether code of the repository that it is built of listens somewhere.
    #[serde(skip)]
    pub listens: bool,
}

/// Why a command gets points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// How many.
    pub points: i32,
    /// For what.
    pub why: String,
}

impl Command {
    /// What the program is called.
    pub fn name(&self) -> String {
        name::program(&self.import_path)
    }
}

/// Packages whose import says that something is served.
const SERVERS: [(&str, i32); 14] = [
    ("net/http", 8),
    ("google.golang.org/grpc", 12),
    ("github.com/gin-gonic/gin", 12),
    ("github.com/labstack/echo", 12),
    ("github.com/gofiber/fiber", 12),
    ("github.com/go-chi/chi", 12),
    ("github.com/gorilla/mux", 12),
    ("github.com/julienschmidt/httprouter", 12),
    ("github.com/valyala/fasthttp", 10),
    ("connectrpc.com/connect", 12),
    ("github.com/prometheus/client_golang/prometheus/promhttp", 8),
    ("github.com/miekg/dns", 8),
    ("golang.org/x/crypto/ssh", 4),
    ("net", 3),
];

/// Commands of a module that are weighed: each is looked for in all that builds the repository.
const MAX_COMMANDS: usize = 2000;

/// The commands of a repository, the likeliest service first.
pub(super) fn commands(modules: &[ModuleFacts], hints: &Hints) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let top = modules.iter().any(|one| one.module.dir.is_empty());
    let project = top.then(|| project(modules));
    for (n, facts) in modules.iter().enumerate() {
        commands.extend(
            facts
                .mains()
                .take(MAX_COMMANDS)
                .filter_map(|main| command(n, facts, main, hints, project)),
        );
    }
    if let [only] = commands.as_mut_slice() {
        only.add(10, "it is the only command");
    }
    commands.sort_by_key(|command| {
        let depth = command.dir.matches('/').count();
        (Reverse(command.score), depth, command.dir.clone())
    });
    commands
}

/// What the repository is called, by its first module.
pub(super) fn project(modules: &[ModuleFacts]) -> &str {
    let first = modules.first();
    first.map_or("", |one| name::project(&one.module.path))
}

/// Whether there is something in it for other repositories to import: a package that lies where what
/// is shipped lies.
pub(super) fn is_library(modules: &[ModuleFacts]) -> bool {
    modules.iter().any(|facts| {
        let own = facts.packages.values();
        let mut own = own.filter(|one| !one.dep_only && !one.standard && one.name != "main");
        own.any(|package| {
            let below = package.import_path.strip_prefix(&facts.module.path);
            let below = below.unwrap_or_default().trim_start_matches('/');
            !name::is_aside(&join(&facts.module.dir, below))
        })
    })
}

/// A command that Go does not build here: its file, and the system that it is for.
pub(super) fn elsewhere(tree: &WorkingTree) -> Option<(&str, Option<&'static str>)> {
    let found = tree.go_sources().filter_map(|(file, text)| {
        let aside = file
            .split('/')
            .any(|part| matches!(part, "testdata" | "vendor"));
        if aside || !text.lines().any(|line| line.trim_end() == "package main") {
            return None;
        }
        let system = system_of(file, text);
        let told = system.is_some() || text.lines().any(|line| line.starts_with("//go:build "));
        told.then_some((file, system))
    });
    // One for another system says more than one behind a tag of somebody's own.
    let found: Vec<_> = found.take(50).collect();
    let best = found.iter().find(|(_, system)| system.is_some());
    best.or(found.first()).copied()
}

/// The system that a Go file is for, where that is not this one.
pub(super) fn system_of(file: &str, text: &str) -> Option<&'static str> {
    const SYSTEMS: [(&str, &str); 6] = [
        ("windows", "Windows"),
        ("darwin", "macOS"),
        ("freebsd", "FreeBSD"),
        ("openbsd", "OpenBSD"),
        ("js", "browsers"),
        ("wasip1", "WASI"),
    ];
    let stem = file.trim_end_matches(".go");
    let constraint = text
        .lines()
        .find_map(|line| line.strip_prefix("//go:build "));
    let words = constraint.unwrap_or_default();
    let words: Vec<&str> = words
        .split(|c: char| c.is_whitespace() || "()|&".contains(c))
        .collect();
    let linux = words.iter().any(|word| matches!(*word, "linux" | "unix"));
    let found = SYSTEMS
        .iter()
        .find(|(name, _)| (words.contains(name) && !linux) || stem.ends_with(&format!("_{name}")));
    found.map(|(_, words)| *words)
}

fn command(
    n: usize,
    facts: &ModuleFacts,
    main: &Package,
    hints: &Hints,
    project: Option<&str>,
) -> Option<Command> {
    let path = main.import_path.as_str();
    let below = path
        .strip_prefix(&facts.module.path)?
        .trim_start_matches('/');
    if !is_plain(below) || main.go_files.is_empty() && main.cgo_files.is_empty() {
        return None;
    }
    let dir = join(&facts.module.dir, below);
    let mut command = Command {
        dir: if dir.is_empty() {
            ".".into()
        } else {
            dir.clone()
        },
        import_path: path.to_owned(),
        score: 0,
        reasons: Vec::new(),
        module: n,
        package_dir: below.to_owned(),
        aside: false,
        listens: false,
    };
    let project = project.unwrap_or_else(|| name::project(&facts.module.path));
    for (points, why) in name::weigh(&dir, project) {
        command.add(points, why);
    }
    command.weigh_imports(facts);
    command.weigh_listening(facts, hints, &dir);
    let mentions = hints.mentions(&command.dir, &command.name());
    command.aside = !hints.ships(&command.dir) && name::is_aside(&dir);
    for (mention, points) in mentions {
        command.add(points, mention);
    }
    if n > 0 && !facts.module.dir.is_empty() && !facts.module.workspace {
        command.add(-8, "it lies in a module of its own below another one");
    }
    if let Some(error) = &main.error {
        let why = error.err.lines().next().unwrap_or_default();
        command.add(-30, format!("Go cannot build it: {why}"));
    }
    Some(command)
}

impl Command {
    fn add(&mut self, points: i32, why: impl Into<String>) {
        let why = why.into();
        self.score += points;
        self.reasons.push(Reason { points, why });
    }

    fn weigh_listening(&mut self, facts: &ModuleFacts, hints: &Hints, dir: &str) {
        if hints.listening.contains(dir) {
            self.add(6, "its own files listen");
        }
        let path = facts.module.path.as_str();
        let reached = facts.reach(&self.import_path);
        let mut own = reached.iter().filter(|import| is_below(import, path));
        self.listens = own.any(|import| {
            let below = import.strip_prefix(path).unwrap_or_default();
            let folder = join(&facts.module.dir, below.trim_start_matches('/'));
            hints.listening.contains(&folder)
        });
    }

    fn weigh_imports(&mut self, facts: &ModuleFacts) {
        let reached = facts.reach(&self.import_path);
        let path = facts.module.path.as_str();
        let own = reached
            .iter()
            .filter(|import| is_below(import, path))
            .count();
        let imported_by_own = |name: &str| {
            let mut own = reached.iter().filter(|import| is_below(import, path));
            own.any(|import| {
                let package = facts.packages.get(*import);
                package.is_some_and(|package| {
                    package.imports.iter().any(|one| is_version_of(one, name))
                })
            })
        };
        let mut best: Option<(&str, i32)> = None;
        for (name, points) in SERVERS {
            if best.is_none_or(|(_, most)| points > most) && imported_by_own(name) {
                best = Some((name, points));
            }
        }
        if let Some((name, points)) = best {
            self.add(
                points,
                format!("code of the repository that it is built of imports {name}"),
            );
        }
        if own > 1 {
            let points = i32::try_from(own.ilog2()).unwrap_or(0) * 3;
            self.add(
                points,
                format!("it is built of {own} packages of the repository"),
            );
        }
    }
}

fn is_below(import: &str, module: &str) -> bool {
    import
        .strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether an import is this package, or it with a major version at its end.
fn is_version_of(import: &str, name: &str) -> bool {
    let rest = import.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('/').is_some_and(name::is_major))
}

#[cfg(test)]
mod tests {
    use super::super::facts::testing::{module, package};
    use super::super::tree::testing::tree;
    use super::*;

    fn first(packages: Vec<Package>, files: &[(&str, &str)]) -> (String, Vec<Command>) {
        let hints = Hints::of(&tree(files));
        let found = commands(&[module(packages)], &hints);
        (found[0].dir.clone(), found)
    }

    #[test]
    fn the_command_that_serves_wins_over_tools_examples_and_internal_ones() {
        let serves = ["net/http", "a.test/m/internal/api"];
        let (dir, all) = first(
            vec![
                package("a.test/m/cmd/worker", "main", &["fmt"]),
                package("a.test/m/cmd/shop-server", "main", &serves),
                package("a.test/m/cmd/migrate", "main", &serves),
                package("a.test/m/examples/server", "main", &serves),
                package("a.test/m/internal/gen", "main", &["fmt"]),
                package("a.test/m/internal/api", "api", &["net/http"]),
                package("net/http", "http", &[]),
            ],
            &[],
        );
        assert_eq!(dir, "cmd/shop-server", "{all:#?}");
        let last: Vec<_> = all[3..].iter().map(|one| one.dir.as_str()).collect();
        assert_eq!(last, ["examples/server", "internal/gen"]);
    }

    #[test]
    fn what_the_repository_builds_itself_counts_most() {
        let packages = || {
            vec![
                package("a.test/m", "main", &["net/http"]),
                package("a.test/m/cmd/relay", "main", &["net/http"]),
            ]
        };
        assert_eq!(first(packages(), &[]).0, ".");
        let dockerfile =
            "FROM golang\nRUN go build -o /relay ./cmd/relay\nENTRYPOINT [\"/relay\"]\n";
        let (dir, all) = first(packages(), &[("Dockerfile", dockerfile)]);
        assert_eq!(dir, "cmd/relay", "{all:#?}");
        assert!(
            all[0]
                .reasons
                .iter()
                .any(|reason| reason.why.contains("Dockerfile"))
        );
    }

    #[test]
    fn a_dockerfile_beside_a_command_speaks_for_it() {
        let packages = || {
            vec![
                package("a.test/m/cmd/alpha", "main", &["net/http"]),
                package("a.test/m/cmd/beta", "main", &["net/http"]),
            ]
        };
        assert_eq!(first(packages(), &[]).0, "cmd/alpha");
        let copies = "FROM scratch\nCOPY ./thing /thing\nCMD [\"/thing\"]\n";
        let (dir, all) = first(packages(), &[("cmd/beta/DockerfileRelease", copies)]);
        assert_eq!(dir, "cmd/beta", "{all:#?}");
        // One that builds it counts as such alone.
        let builds = "FROM golang\nRUN go build -o /beta ./cmd/beta\nCMD [\"/beta\"]\n";
        let (_, all) = first(packages(), &[("cmd/beta/Dockerfile", builds)]);
        let mut beside = all.iter().flat_map(|one| &one.reasons);
        assert!(
            !beside.any(|reason| reason.why.contains("beside")),
            "{all:#?}"
        );
    }

    #[test]
    fn a_module_below_is_weighed_in_its_repository() {
        let nested = |dir: &str, packages| {
            let mut facts = module(packages);
            facts.module.path = format!("a.test/etc/{dir}");
            facts.module.dir = dir.into();
            facts
        };
        let mut top = module(vec![package("a.test/etc/tools/dump", "main", &["fmt"])]);
        top.module.path = "a.test/etc".into();
        let modules = [
            top,
            nested(
                "etcctl",
                vec![package("a.test/etc/etcctl", "main", &["net/http"])],
            ),
            nested(
                "server",
                vec![package("a.test/etc/server", "main", &["net/http"])],
            ),
        ];
        let found = commands(&modules, &Hints::of(&tree(&[])));
        let dirs: Vec<_> = found.iter().map(|one| one.dir.as_str()).collect();
        assert_eq!(dirs, ["server", "etcctl", "tools/dump"], "{found:#?}");
    }

    #[test]
    fn of_several_services_the_front_end_is_the_one_that_people_call() {
        let serves = ["google.golang.org/grpc"];
        let (dir, all) = first(
            vec![
                package("a.test/m/src/checkout", "main", &serves),
                package("a.test/m/src/frontend", "main", &serves),
            ],
            &[],
        );
        assert_eq!(dir, "src/frontend", "{all:#?}");
    }

    #[test]
    fn examples_alone_are_a_library_unless_something_builds_them() {
        let packages = || vec![package("a.test/m/examples/base", "main", &["net/http"])];
        assert!(first(packages(), &[]).1[0].aside);
        let makefile = [("Makefile", "gen:\n\tgo run ./examples/base\n")];
        assert!(first(packages(), &makefile).1[0].aside);
        let release = [(".goreleaser.yaml", "builds:\n  - main: ./examples/base\n")];
        assert!(!first(packages(), &release).1[0].aside);
    }

    #[test]
    fn services_below_internal_of_a_repository_that_nobody_imports_are_no_library() {
        let mut facts = module(vec![
            package("a.test/m", "main", &["net/http"]),
            package("a.test/m/domain", "domain", &[]),
        ]);
        assert!(is_library(std::slice::from_ref(&facts)));
        facts.module.dir = "internal/users".into();
        assert!(!is_library(std::slice::from_ref(&facts)));
        let examples = vec![
            package("a.test/m", "m", &[]),
            package("a.test/m/examples/x", "main", &[]),
        ];
        assert!(is_library(&[module(examples)]));
        assert!(!is_library(&[module(vec![package(
            "a.test/m",
            "main",
            &[]
        )])]));
    }

    #[test]
    fn commands_for_other_systems_are_told() {
        let told = |file: &str, text: &str| {
            let tree = tree(&[(file, text)]);
            elsewhere(&tree).map(|(_, system)| system)
        };
        let windows = "//go:build windows\n\npackage main\n";
        assert_eq!(told("main.go", windows), Some(Some("Windows")));
        assert_eq!(told("a_darwin.go", "package main\n"), Some(Some("macOS")));
        let tag = "//go:build special\n\npackage main\n";
        assert_eq!(told("main.go", tag), Some(None));
        let both = "//go:build linux || darwin\n\npackage main\n";
        assert_eq!(told("main.go", both), Some(None));
        assert_eq!(told("main.go", "package mainly\n"), None);
    }
}
