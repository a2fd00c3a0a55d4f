//! One call of the recipe: its progress as it comes, its end in words for people.

use super::cache;
use policy::UserError;
use std::io;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

/// One call of the script. It holds the other end of our pipe: when this future is dropped
/// (or this process dies) it stops, with everything it has started. Returns its last line.
pub(super) async fn run(
    script: &Path,
    arguments: &[&str],
    go_version: &str,
    report: &(dyn Fn(&str) + Send + Sync),
) -> Result<String, UserError> {
    let failed = |error: io::Error| UserError {
        what: "The recipe for the bases could not be run.".into(),
        cause: error.to_string(),
        next: format!("Try it by hand: sh {} all", script.display()),
    };
    let mut child = Command::new("sh")
        .arg(script)
        .args(arguments)
        .env("EMPTY_ROOM_LEASH", "yes")
        .env("EMPTY_ROOM_CACHE", cache::root())
        .env("EMPTY_ROOM_GO_VERSION", go_version)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let leash = child.stdin.take();
    let stderr = child.stderr.take();
    let errors = async {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_string(&mut text).await;
        }
        text
    };
    let stdout = child.stdout.take();
    let progress = async {
        let mut last = String::new();
        if let Some(stdout) = stdout {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                report(&line);
                last = line;
            }
        }
        last
    };
    let (errors, last) = tokio::join!(errors, progress);
    let status = child.wait().await.map_err(failed)?;
    drop(leash);
    match status.success() {
        true => Ok(last),
        false => Err(failure(&errors, script)),
    }
}

/// The script's own words for people, else the last it said.
fn failure(stderr: &str, script: &Path) -> UserError {
    let said = |key: &str, otherwise: String| {
        let said = stderr.lines().find_map(|line| line.strip_prefix(key));
        said.map_or(otherwise, str::to_string)
    };
    let last = stderr.lines().rfind(|line| !line.trim().is_empty());
    let (last, script) = (last.unwrap_or("nothing"), script.display());
    UserError {
        what: said("what: ", "The bases could not be rebuilt.".into()),
        cause: said("cause: ", format!("The recipe said: {last}")),
        next: said("next: ", format!("Try it by hand: sh {script} all")),
    }
}

pub(super) fn cache_error(error: &io::Error) -> UserError {
    UserError {
        what: "The cache of rebuilt layers cannot be used.".into(),
        cause: format!("{}: {error}", cache::root().display()),
        next: "Name another place for it: EMPTY_ROOM_CACHE=/some/where".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipes_own_words_reach_the_reader() {
        let said = "noise\nwhat: The disk is full.\ncause: 3 MB left.\nnext: Free some.\n";
        let error = failure(said, Path::new("r.sh"));
        assert_eq!(
            (error.what.as_str(), error.next.as_str()),
            ("The disk is full.", "Free some.")
        );
        let error = failure("sh: 1: syntax error\n\n", Path::new("r.sh"));
        assert_eq!(error.cause, "The recipe said: sh: 1: syntax error");
    }
}
