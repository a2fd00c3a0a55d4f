//! Servers that only their own container can call: what is said of them, with the lines of the sources
//! that put them there. Pure.

use crate::adopt::report::Unmended;
use crate::adopt::tree::WorkingTree;
use crate::adopt::trial::Trial;
use policy::ansi::plain;
use regex::Regex;
use std::sync::LazyLock;

/// What to say where nothing opens it to others.
pub(super) fn alone(trial: &Trial, tree: &WorkingTree, dir: &str) -> Unmended {
    let alone = trial.ports.iter().filter(|port| port.loopback);
    let ports: Vec<u16> = alone.map(|port| port.port).collect();
    let told: Vec<String> = ports.iter().map(u16::to_string).collect();
    let said = where_it_listens(tree, dir, &ports);
    Unmended {
        what: format!(
            "It listens on 127.0.0.1 alone (port {}): it answers inside of its container, and nobody outside can call.",
            told.join(", ")
        ),
        page: Some("museum/loopback-bind.html".into()),
        next: match said.is_empty() {
            true => {
                "find the flag, variable or configuration that has the address, and let it be :PORT"
                    .into()
            }
            false => "see in the lines below what sets the address, and let it be :PORT".into(),
        },
        said,
    }
}

/// Lines of the sources that name the address of this machine alone where something listens, those of
/// the command's own folder first, and of these such as name a port that was seen.
fn where_it_listens(tree: &WorkingTree, dir: &str, ports: &[u16]) -> Vec<String> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"["'`](?:127\.0\.0\.1|localhost|\[::1\])(?::(%[dsv]|\d{1,5})?)?["'`]"#)
            .unwrap_or_else(|error| unreachable!("{error}"))
    });
    let sources = tree.go_sources().filter(|(file, _)| {
        let aside = ["vendor", "testdata", "third_party"];
        !file.ends_with("_test.go") && !file.split('/').any(|part| aside.contains(&part))
    });
    let mut found = Vec::new();
    for (file, text) in sources {
        let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
        for (n, line) in text.lines().enumerate() {
            let Some(address) = ADDRESS.captures(line) else {
                continue;
            };
            let port = address.get(1).and_then(|port| port.as_str().parse().ok());
            let lower = line.to_ascii_lowercase();
            let listens = ["listen", "addr", "bind", "serve"];
            let named = port.is_some_and(|port| ports.contains(&port));
            // Another port is another's address.
            let another = port.is_some() && !named;
            if another || !(named || listens.iter().any(|word| lower.contains(word))) {
                continue;
            }
            let line: String = line.trim().chars().take(120).collect();
            let line = plain(&format!("{file}:{}: {line}", n + 1));
            found.push((folder != dir, !named, line));
        }
    }
    found.sort_by_key(|(elsewhere, unnamed, _)| (*elsewhere, *unnamed));
    // What lies elsewhere is another command's, where its own folder tells.
    let own = found.iter().any(|(elsewhere, ..)| !elsewhere);
    found.retain(|(elsewhere, unnamed, _)| match own {
        true => !elsewhere,
        false => !unnamed,
    });
    found.truncate(3);
    found.into_iter().map(|(.., line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::tree::testing::tree;

    #[test]
    fn a_server_on_loopback_is_told_with_the_line_that_puts_it_there() {
        let main = "package main\n\nfunc main() {\n\
                    \tl, err := net.Listen(\"tcp\", fmt.Sprintf(\"localhost:%d\", *port))\n\
                    \tdb := open(\"localhost:5432\")\n}\n";
        let tool = "var addr = \"127.0.0.1:1338\"\n";
        let sources = [("cmd/x/main.go", main), ("cmd/y/main.go", tool)];
        let tree = tree(&sources);
        let told = where_it_listens(&tree, "cmd/x", &[1338]);
        let line =
            "cmd/x/main.go:4: l, err := net.Listen(\"tcp\", fmt.Sprintf(\"localhost:%d\", *port))";
        assert_eq!(told, [line]);
        let told = where_it_listens(&tree, "cmd/z", &[1338]);
        assert_eq!(told, ["cmd/y/main.go:1: var addr = \"127.0.0.1:1338\""]);
        assert!(where_it_listens(&tree, "cmd/z", &[80]).is_empty());
    }
}
