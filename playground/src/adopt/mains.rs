//! Which command of a repository is its service.
//!
//! Every command gets points with the reason beside each; the most points win, and the others are
//! listed. Names of repositories mean nothing here. Pure.

use super::facts::{ModuleFacts, Package};
use super::gomod::{is_plain, join};
use super::hints::Hints;
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
        let parts = self.import_path.split('/').rev();
        let version = |part: &&str| {
            part.len() > 1 && part.starts_with('v') && part[1..].bytes().all(|b| b.is_ascii_digit())
        };
        let name = parts
            .filter(|part| !part.is_empty())
            .find(|part| !version(part));
        let name = name.unwrap_or("app");
        // gopkg.in/thing.v2, miniflux.app: what stands before the dot.
        let name = name.split('.').next().unwrap_or(name);
        let plain = !name.is_empty() && is_plain(name) && name != "src" && name != "main";
        if plain { name.to_owned() } else { "app".into() }
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

/// Names of folders that say what a command is for.
const FOR: [&str; 12] = [
    "server", "api", "app", "web", "service", "daemon", "serve", "gateway", "backend", "http",
    "main", "svc",
];
const AGAINST: [&str; 30] = [
    "tool",
    "tools",
    "gen",
    "generate",
    "generator",
    "migrate",
    "migration",
    "migrations",
    "example",
    "examples",
    "test",
    "tests",
    "mock",
    "mocks",
    "bench",
    "benchmark",
    "hack",
    "script",
    "scripts",
    "docs",
    "doc",
    "client",
    "cli",
    "ctl",
    "debug",
    "demo",
    "loadtest",
    "testutil",
    "build",
    "e2e",
];
/// Folders above a command that say that it is no part of what is shipped.
const ASIDE: [&str; 20] = [
    "internal",
    "example",
    "examples",
    "_example",
    "_examples",
    "testdata",
    "test",
    "tests",
    "e2e",
    "tools",
    "tool",
    "hack",
    "scripts",
    "script",
    "third_party",
    "docs",
    "contrib",
    "benchmark",
    "benchmarks",
    "integration",
];

/// The commands of a repository, the likeliest service first.
pub(super) fn commands(modules: &[ModuleFacts], hints: &Hints) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (n, facts) in modules.iter().enumerate() {
        commands.extend(
            facts
                .mains()
                .filter_map(|main| command(n, facts, main, hints)),
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

fn command(n: usize, facts: &ModuleFacts, main: &Package, hints: &Hints) -> Option<Command> {
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
    };
    command.weigh_name(&facts.module.path, &dir);
    command.weigh_imports(facts);
    for (mention, points) in hints.mentions(&command.dir, &command.name()) {
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

    fn weigh_name(&mut self, module: &str, dir: &str) {
        let parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
        let Some((name, above)) = parts.split_last() else {
            return self.add(20, "it lies at the top of the repository");
        };
        let module_name = module
            .rsplit('/')
            .find(|part| !is_major(part))
            .unwrap_or(module);
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(['-', '_', '.']).collect();
        if name.eq_ignore_ascii_case(module_name) {
            self.add(20, format!("it is called like its module, {module_name}"));
        } else if words.iter().any(|word| FOR.contains(word)) {
            self.add(14, format!("{name} is what services are called"));
        } else if lower.len() > 2 && lower == format!("{}d", module_name.to_ascii_lowercase()) {
            self.add(
                18,
                format!("{name} is what the daemon of {module_name} is called"),
            );
        }
        if words.iter().any(|word| AGAINST.contains(word)) {
            self.add(-22, format!("{name} is what tools are called"));
        }
        if let [.., "cmd"] = above {
            self.add(8, "it lies in cmd");
        }
        if let Some(aside) = above.iter().find(|part| ASIDE.contains(part)) {
            self.add(-40, format!("it lies in {aside}, which is not shipped"));
        }
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

/// `v2`
fn is_major(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn is_below(import: &str, module: &str) -> bool {
    import
        .strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether an import is this package, or it with a major version at its end.
fn is_version_of(import: &str, name: &str) -> bool {
    let rest = import.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('/').is_some_and(is_major))
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
    fn programs_are_called_after_their_folder_or_module() {
        for (path, name) in [
            ("a.test/m/cmd/api", "api"),
            ("a.test/caddy/v2", "caddy"),
            ("miniflux.app/v2", "miniflux"),
            ("a.test/x/cmd/main", "app"),
        ] {
            let command = Command {
                dir: ".".into(),
                import_path: path.into(),
                score: 0,
                reasons: Vec::new(),
                module: 0,
                package_dir: String::new(),
            };
            assert_eq!(command.name(), name, "{path}");
        }
    }
}
