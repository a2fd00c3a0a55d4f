//! What names of commands and their folders say. Pure.

use super::super::gomod::is_plain;

/// Names of folders that say what a command is for.
const FOR: [&str; 14] = [
    "server", "api", "app", "web", "service", "daemon", "serve", "gateway", "backend", "http",
    "main", "svc", "frontend", "proxy",
];
const AGAINST: [&str; 32] = [
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
    "healthcheck",
    "probe",
];
/// Folders above a command that say that it is no part of what is shipped.
const ASIDE: [&str; 22] = [
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
    "devtools",
    "misc",
];
/// Names that say nothing about a program: the folder above does.
const GENERIC: [&str; 6] = ["cmd", "main", "src", "app", "go", "command"];

/// Points for a command's folder, from the tree's top, in a repository of this name.
pub(super) fn weigh(dir: &str, repository: &str) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    let parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    let Some((name, above)) = parts.split_last() else {
        return vec![(20, "it lies at the top of the repository".into())];
    };
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['-', '_', '.']).collect();
    let ends = |ends: &[&str]| {
        ends.iter()
            .any(|end| lower.ends_with(end) && lower.len() > end.len())
    };
    let (bare, project) = (plain(name), plain(repository));
    let after = bare.strip_prefix(&*project).filter(|_| project.len() > 1);
    // Where a daemon lies beside a command of the project's name, that one is its client.
    let serves =
        words.iter().any(|word| FOR.contains(word)) || ends(&["server", "daemon", "srv", "proxy"]);
    match after {
        Some("d") => found.push((
            26,
            format!("{name} is what the daemon of {repository} is called"),
        )),
        Some("s" | "server" | "daemon" | "srv") => {
            found.push((24, format!("{name} is the server of {repository}")));
        }
        Some("") => found.push((20, format!("it is called like the project, {repository}"))),
        _ if serves => found.push((14, format!("{name} is what services are called"))),
        _ => {}
    }
    let tool = words.iter().any(|word| AGAINST.contains(word))
        || ends(&["ctl", "cli", "tool", "client", "bench", "generator"]);
    if after == Some("c") {
        found.push((-10, format!("{name} is the client of {repository}")));
    }
    if tool && after != Some("") {
        found.push((-22, format!("{name} is what tools are called")));
    }
    if let [.., "cmd"] = above {
        found.push((8, "it lies in cmd".into()));
    }
    if let Some(aside) = above.iter().find(|part| ASIDE.contains(part)) {
        found.push((-40, format!("it lies in {aside}, which is not shipped")));
    }
    found
}

/// Whether a command's folder says that it is no part of what is shipped.
pub(super) fn is_aside(dir: &str) -> bool {
    dir.split('/').any(|part| ASIDE.contains(&part))
}

/// What a project is called whose module has this path.
pub(super) fn project(module: &str) -> &str {
    let mut parts = module.rsplit('/').filter(|part| !part.is_empty());
    parts.find(|part| !is_major(part)).unwrap_or(module)
}

/// What a program is called whose package has this import path.
pub(super) fn program(import_path: &str) -> String {
    let mut parts = import_path.rsplit('/').filter(|part| !part.is_empty());
    let name = parts.find(|part| !is_major(part) && !GENERIC.contains(part));
    let name = name.unwrap_or("app");
    // gopkg.in/thing.v2, miniflux.app: what stands before the dot.
    let name = name.split('.').next().unwrap_or(name);
    match !name.is_empty() && is_plain(name) {
        true => name.to_owned(),
        false => "app".into(),
    }
}

/// A name without what people write now so, now so: `go-VictoriaLogs` is `victoria-logs`.
fn plain(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let lower = lower.strip_prefix("go-").unwrap_or(&lower);
    lower
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .collect()
}

/// `v2`
pub(super) fn is_major(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(dir: &str, repository: &str) -> i32 {
        weigh(dir, repository)
            .iter()
            .map(|(points, _)| points)
            .sum()
    }

    #[test]
    fn a_daemon_wins_over_the_client_that_has_the_projects_name() {
        assert!(points("cmd/bgpd", "bgp") > points("cmd/bgp", "bgp"));
        assert!(points("cmd/fake-server", "fake") > points("cmd/fake", "fake"));
        assert!(points("cmd/fakeserver", "fake") > points("cmd/fake", "fake"));
        assert!(points("cmd/fakes", "fake") > points("cmd/fakec", "fake"));
        assert!(points("cmd/other", "fake") > points("cmd/fakec", "fake"));
        assert!(points("cmd/shop", "shop") > points("cmd/shopctl", "shop"));
        assert!(points("server", "etc") > points("etcctl", "etc"));
        assert!(points("app/big-logs", "BigLogs") > points("app/logsagent", "BigLogs"));
        assert!(points("cmd/xy", "go-xy") > points("cmd/z", "go-xy"));
        assert!(points("cmd/relayproxy", "flags") > points("cmd/editor", "flags"));
    }

    #[test]
    fn a_project_that_is_called_like_a_tool_is_no_tool() {
        assert!(points("cmd/age-tool", "age-tool") > 0);
        assert!(points("cmd/age-tool", "age") < 0);
        assert!(is_aside("examples/base") && is_aside("example") && !is_aside("cmd/example2"));
    }

    #[test]
    fn programs_are_called_after_what_says_something() {
        for (path, name) in [
            ("a.test/m/cmd/api", "api"),
            ("a.test/caddy/v2", "caddy"),
            ("miniflux.app/v2", "miniflux"),
            ("a.test/x/cmd/main", "x"),
            ("a.test/broker/v2/cmd", "broker"),
        ] {
            assert_eq!(program(path), name, "{path}");
        }
    }
}
