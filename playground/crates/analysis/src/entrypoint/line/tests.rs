//! Lines, and what can be said of their commands.

use super::*;

/// How certain it is, and the words, with `?` for what is not known.
fn read(line: &str) -> Vec<String> {
    let said = |command: Command| {
        let words: Vec<_> = command
            .words
            .iter()
            .map(|word| word.as_deref().unwrap_or("?"))
            .collect();
        format!("{:?}: {}", command.certainty, words.join(" "))
    };
    commands(line, Names::Image).into_iter().map(said).collect()
}

#[test]
fn a_single_command_is_sure_however_it_is_dressed() {
    for line in [
        "/app -x",
        "exec /app -x",
        "A=b C=\"$D\" exec /app -x",
        "  /app -x ;",
        "cd /srv && export A=$B && exec '/app' \"-x\"",
        "set -e; umask 022; /app -x >/log 2>&1",
        "echo starting; /app -x # and a word",
        "/app \\\n -x",
        "/app>/log -x 2>&1",
        "/app -x>/log 2>&1",
        "/app -x</dev/null",
        "cd /srv; PATH=/opt exec /app -x",
        "exec -a web /app -x",
        "exec -cl /app -x",
        "exec -- /app -x",
    ] {
        assert_eq!(read(line), ["Required: /app -x"], "{line}");
    }
}

#[test]
fn what_hangs_on_something_else_is_not_sure() {
    for (line, commands) in [
        (
            "/migrate && /app",
            &["Required: /migrate", "Possible: /app"][..],
        ),
        ("/migrate; /app", &["Certain: /migrate", "Possible: /app"]),
        ("wget -q x || exit 1", &["Required: wget -q x"]),
        (
            "wget -q x || curl x",
            &["Certain: wget -q x", "Possible: curl x"],
        ),
        ("[ -f /x ] && /app", &["Possible: /app"]),
        ("if true; then /app; fi", &["Possible: /app"]),
        ("/app | tee /log", &["Certain: /app", "Required: tee /log"]),
        ("/app & wait", &["Certain: /app"]),
        ("(/app)", &["Possible: /app"]),
        ("$APP --x", &[]),
        ("/app $ARGS \"$@\"", &["Required: /app ? ?"]),
        ("printf x && /app", &["Required: /app"]),
    ] {
        assert_eq!(read(line), commands, "{line}");
    }
}

#[test]
fn behind_another_directory_or_path_names_are_not_sure() {
    for (line, said) in [
        ("cd /srv && ./app", "Possible: ./app"),
        ("cd /srv && exec bin/app -x", "Possible: bin/app -x"),
        ("pushd /srv; exec ./app", "Possible: ./app"),
        ("cd /srv && app", "Required: app"),
        ("./app", "Required: ./app"),
        ("PATH=/opt/bin app", "Possible: app"),
        ("PATH=$PATH:/opt; exec app", "Possible: app"),
        ("export PATH=/opt:$PATH && app", "Possible: app"),
        ("export A=b $(cat /env); app", "Possible: app"),
        ("PATH=/opt ./app", "Required: ./app"),
        ("exec -q web", "Possible: web"),
    ] {
        assert_eq!(read(line), [said], "{line}");
    }
    let login = commands("app; /app", Names::Elsewhere);
    assert_eq!(login[0].certainty, Certainty::Possible);
}

#[test]
fn a_shell_stays_where_it_has_something_left_to_do() {
    for (line, shell) in [
        ("exec /app", Shell::Becomes),
        ("cd /srv && exec /app", Shell::Becomes),
        ("/app", Shell::Waits),
        ("/migrate && /app -x", Shell::Waits),
        ("/app; echo done", Shell::Stays),
        ("/app || exit 1", Shell::Stays),
        ("/app | tee /log", Shell::Stays),
        ("$APP", Shell::Unknown),
    ] {
        assert_eq!(shell_of(line), shell, "{line}");
    }
}

#[test]
fn odd_lines_end() {
    for line in ["", "'", "\"", "\\", "$(", "&&&&||;;", ">", "a>", "<<<"] {
        commands(line, Names::Image);
    }
    assert!(commands(&"a;".repeat(10_000), Names::Image).len() <= 32);
}
