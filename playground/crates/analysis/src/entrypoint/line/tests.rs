//! Lines, and what can be said of their commands.

use super::*;

/// `sure:` or `perhaps:`, and the words, with `?` for what is not known.
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
        assert_eq!(read(line), ["Decides: /app -x"], "{line}");
    }
}

#[test]
fn what_hangs_on_something_else_is_not_sure() {
    for (line, commands) in [
        (
            "/migrate && /app",
            &["Decides: /migrate", "Perhaps: /app"][..],
        ),
        ("/migrate; /app", &["Runs: /migrate", "Perhaps: /app"]),
        ("wget -q x || exit 1", &["Decides: wget -q x"]),
        (
            "wget -q x || curl x",
            &["Runs: wget -q x", "Perhaps: curl x"],
        ),
        ("[ -f /x ] && /app", &["Perhaps: /app"]),
        ("if true; then /app; fi", &["Perhaps: /app"]),
        ("/app | tee /log", &["Runs: /app", "Decides: tee /log"]),
        ("/app & wait", &["Runs: /app"]),
        ("(/app)", &["Perhaps: /app"]),
        ("$APP --x", &[]),
        ("/app $ARGS \"$@\"", &["Decides: /app ? ?"]),
        ("printf x && /app", &["Decides: /app"]),
    ] {
        assert_eq!(read(line), commands, "{line}");
    }
}

#[test]
fn behind_another_directory_or_path_names_are_not_sure() {
    for (line, said) in [
        ("cd /srv && ./app", "Perhaps: ./app"),
        ("cd /srv && exec bin/app -x", "Perhaps: bin/app -x"),
        ("pushd /srv; exec ./app", "Perhaps: ./app"),
        ("cd /srv && app", "Decides: app"),
        ("./app", "Decides: ./app"),
        ("PATH=/opt/bin app", "Perhaps: app"),
        ("PATH=$PATH:/opt; exec app", "Perhaps: app"),
        ("export PATH=/opt:$PATH && app", "Perhaps: app"),
        ("export A=b $(cat /env); app", "Perhaps: app"),
        ("PATH=/opt ./app", "Decides: ./app"),
        ("exec -q web", "Perhaps: web"),
    ] {
        assert_eq!(read(line), [said], "{line}");
    }
    let login = commands("app; /app", Names::Elsewhere);
    assert_eq!(login[0].certainty, Certainty::Perhaps);
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
