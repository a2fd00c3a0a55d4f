use super::*;
use catalog::Catalog;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Stand {
    catalog: Catalog,
    workspace: Workspace,
    dir: tempfile::TempDir,
}

fn stand() -> Stand {
    let dir = tempfile::tempdir().expect("a folder");
    Stand {
        catalog: Catalog::load(&repository()).expect("the catalog"),
        workspace: Workspace::new(dir.path().join("work")),
        dir,
    }
}

impl Stand {
    fn exercise(&self) -> &Exercise {
        self.catalog.exercise("1").expect("the first exercise")
    }

    fn start(&self) -> Started {
        let started = self.workspace.start(&repository(), self.exercise());
        started.expect("started")
    }
}

#[test]
fn starting_again_overwrites_nothing() {
    let stand = stand();
    let first = stand.start();
    assert!(first.created.contains(&"Dockerfile".to_owned()));
    fs::write(first.dir.join("Dockerfile"), "FROM scratch\n").expect("written");
    let again = stand.start();
    assert!(again.created.is_empty(), "{:?}", again.created);
    let handed = stand
        .workspace
        .submission(stand.exercise())
        .expect("handed in");
    assert_eq!(handed["Dockerfile"], "FROM scratch\n");
}

#[test]
fn only_the_files_of_the_exercise_are_handed_in() {
    let stand = stand();
    let started = stand.start();
    fs::write(started.dir.join("main.go"), "package evil\n").expect("written");
    let handed = stand
        .workspace
        .submission(stand.exercise())
        .expect("handed in");
    assert_eq!(handed.keys().collect::<Vec<_>>(), ["Dockerfile"]);
    for outside in ["main.go", "../01-two-stages/Dockerfile", "/etc/passwd"] {
        let read = stand.workspace.read(stand.exercise(), outside);
        assert!(read.is_err(), "{outside} was read");
        let saved = stand.workspace.save(stand.exercise(), outside, "x", None);
        assert!(
            matches!(saved, Err(NotSaved::Failed(_))),
            "{outside} was saved"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_out_of_the_folder() {
    let stand = stand();
    let started = stand.start();
    let file = started.dir.join("Dockerfile");
    fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink("/etc/passwd", &file).expect("linked");
    let error = stand
        .workspace
        .submission(stand.exercise())
        .expect_err("refused");
    assert!(error.what.contains("no regular file"), "{error}");
}

#[test]
fn of_two_windows_the_second_does_not_overwrite_the_first() {
    let stand = stand();
    stand.start();
    let (workspace, exercise) = (&stand.workspace, stand.exercise());
    let read = workspace
        .read(exercise, "Dockerfile")
        .expect("read")
        .expect("there");
    let one = workspace.save(exercise, "Dockerfile", "FROM a\n", Some(&read.revision));
    one.expect("the first saves");
    let other = workspace.save(exercise, "Dockerfile", "FROM b\n", Some(&read.revision));
    let Err(NotSaved::Changed(Some(now))) = other else {
        panic!("the second saved: {other:?}");
    };
    assert_eq!(now.text, "FROM a\n");
    let seen = workspace.save(exercise, "Dockerfile", "FROM b\n", Some(&now.revision));
    seen.expect("who has seen it may");
}

#[test]
fn a_reset_keeps_a_copy() {
    let stand = stand();
    let started = stand.start();
    fs::write(started.dir.join("Dockerfile"), "FROM scratch\n").expect("written");
    let (kept, _) = stand
        .workspace
        .reset(&repository(), stand.exercise())
        .expect("reset");
    let kept = fs::read_to_string(kept.expect("a copy").join("Dockerfile")).expect("read");
    assert_eq!(kept, "FROM scratch\n");
    let handed = stand
        .workspace
        .submission(stand.exercise())
        .expect("handed in");
    assert_ne!(handed["Dockerfile"], "FROM scratch\n");
}

#[test]
fn what_cannot_be_written_leaves_the_old_text() {
    let stand = stand();
    // A folder of that name takes the place of a disk that refuses: the write beside the file
    // succeeds, and putting it in its place does not.
    let blocked = stand.dir.path().join("blocked");
    fs::create_dir_all(blocked.join("inside")).expect("a folder");
    assert!(replace(&blocked, b"text").is_err());
    assert!(blocked.join("inside").is_dir());
    let left: Vec<_> = fs::read_dir(stand.dir.path())
        .expect("listed")
        .flatten()
        .collect();
    assert!(
        !left
            .iter()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(".saving"))
    );
}

#[test]
fn the_first_saves_of_two_windows_both_last() {
    let stand = stand();
    let exercise = stand.catalog.exercise("24").expect("one with two files");
    let root = repository();
    for round in 0..20 {
        let workspace = Workspace::new(stand.dir.path().join(round.to_string()));
        let save = |path: &str, text: &str| {
            workspace.start(&root, exercise).expect("begun");
            let now = workspace.read(exercise, path).expect("read");
            let since = now.as_ref().map(|handed| handed.revision.as_str());
            workspace.save(exercise, path, text, since).expect("saved");
        };
        std::thread::scope(|threads| {
            threads.spawn(|| save("Dockerfile", "FROM one\n"));
            threads.spawn(|| save(".dockerignore", "two\n"));
        });
        let handed = workspace.submission(exercise).expect("handed in");
        assert_eq!(handed["Dockerfile"], "FROM one\n");
        assert_eq!(handed[".dockerignore"], "two\n");
    }
}

#[test]
fn what_is_changed_and_not_handed_in_is_named() {
    let stand = stand();
    let started = stand.start();
    let named = || {
        let named = stand
            .workspace
            .not_looked_at(&repository(), stand.exercise());
        named.expect("compared")
    };
    fs::write(started.dir.join("Dockerfile"), "FROM scratch\n").expect("written");
    fs::write(started.dir.join("notes.txt"), "mine").expect("written");
    assert_eq!(named(), [""; 0]);
    fs::write(started.dir.join("main.go"), "package main\n").expect("written");
    fs::write(started.dir.join(".dockerignore"), "*\n").expect("written");
    assert_eq!(named(), ["main.go", ".dockerignore"]);
}
