//! What is said of a tree that no image can be made of: no module, no command, none of that name.

use super::facts::Facts;
use super::mains::{self, Command};
use super::report::Unmended;
use super::tree::WorkingTree;

/// No `go.mod`.
pub(super) fn no_module(tree: &WorkingTree) -> Unmended {
    let go = tree.go_sources().next();
    let (what, next) = match go {
        Some((file, _)) => (
            format!("There is no go.mod, though {file} is Go."),
            "go mod init NAME && go mod tidy, and run adopt again",
        ),
        None => (
            "There is no go.mod in it, and no Go.".to_owned(),
            "name the folder that holds go.mod",
        ),
    };
    Unmended {
        what,
        page: None,
        next: next.into(),
        said: Vec::new(),
    }
}

/// A module without a package that Go builds into a program here.
pub(super) fn no_command(facts: &Facts, tree: &WorkingTree) -> Unmended {
    let said = facts.modules.iter().flat_map(|module| module.said.lines());
    let said: Vec<String> = said.take(8).map(str::to_owned).collect();
    let what = match (mains::elsewhere(tree), said.is_empty()) {
        (Some((file, Some(system))), _) => {
            format!("Its commands are for {system} alone ({file}): no Linux image can hold them.")
        }
        (Some((file, None)), _) => format!(
            "It has no command that Go builds here; {file} is one behind a build constraint."
        ),
        (None, true) => "It is a library: no package of it is called main.".to_owned(),
        (None, false) => "Go finds no command in it.".to_owned(),
    };
    Unmended {
        what,
        page: None,
        next: "adopt the repository of the service that uses it".into(),
        said,
    }
}

/// Its commands serve the library itself.
pub(super) fn library(commands: &[Command]) -> Unmended {
    let dirs: Vec<&str> = commands.iter().map(|one| one.dir.as_str()).collect();
    let shown = dirs.iter().take(4).copied().collect::<Vec<_>>().join(", ");
    let more = match dirs.len() {
        0..=4 => String::new(),
        all => format!(" and {} more", all - 4),
    };
    Unmended {
        what: format!(
            "It is a library: its only commands are examples, tests and tools of its own ({shown}{more})."
        ),
        page: None,
        next: format!(
            "adopt the repository of the service that uses it, or take one of them: --main {}",
            dirs.first().unwrap_or(&".")
        ),
        said: Vec::new(),
    }
}

/// None where the caller names one.
pub(super) fn no_such_command(wanted: &str, commands: &[Command]) -> Unmended {
    let there: Vec<_> = commands
        .iter()
        .take(12)
        .map(|command| command.dir.as_str())
        .collect();
    Unmended {
        what: format!("There is no command in {wanted}."),
        page: None,
        next: match there.as_slice() {
            [] => "leave --main out: there is none at all".into(),
            there => format!("--main with one of {}", there.join(", ")),
        },
        said: Vec::new(),
    }
}
