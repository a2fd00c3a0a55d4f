//! `playground xray` and its like on what is no ordinary file, and on words that do not fit what
//! they are asked of. None of it needs an engine.

use super::support;
use flate2::read::GzDecoder;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// Code and stderr of the playground in a folder that is no book.
fn told(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let (code, _, stderr) = support::fed(&mut command(folder, args), b"");
    (code, stderr)
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command
        .args(args)
        .current_dir(folder)
        .env_remove("EMPTY_ROOM_ROOT")
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .env("EMPTY_ROOM_DATA", folder.join("data"));
    command
}

/// A program of the corpus.
fn program(folder: &Path) -> String {
    let corpus =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/analysis/tests/corpus/binaries");
    let packed =
        std::fs::File::open(corpus.join("go1.23-amd64-symbols.gz")).expect("in the corpus");
    let mut bytes = Vec::new();
    GzDecoder::new(packed)
        .read_to_end(&mut bytes)
        .expect("gzip");
    std::fs::write(folder.join("app"), bytes).expect("written");
    "./app".to_owned()
}

#[test]
fn what_cannot_be_read_is_exit_3_and_says_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).expect("bound");
    for path in ["/dev/zero", "/proc/self/mem", "./socket"] {
        let (code, said) = told(folder.path(), &["xray", path]);
        assert_eq!(code, Some(3), "{path}: {said}");
        assert!(said.contains("next"), "{path}: {said}");
    }
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling")).expect("linked");
    let (code, said) = told(folder.path(), &["xray", "dangling"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("a link to what is not there"), "{said}");
}

#[test]
fn a_layout_s_next_step_is_not_an_archive_s() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("layout")).expect("made");
    std::fs::write(folder.path().join("layout/index.json"), b"{").expect("written");
    let (code, said) = told(folder.path(), &["xray", "./layout"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(!said.contains("tar -tvf"), "{said}");
    let (code, said) = told(folder.path(), &["preflight", "-"]);
    assert_ne!(code, Some(0));
    assert!(!said.contains("playground xray"), "{said}");
}

#[test]
fn what_chooses_among_images_does_not_fit_a_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = program(folder.path());
    for option in [
        ["--path", "/app"],
        ["--platform", "linux/arm64"],
        ["--name", "x"],
    ] {
        let (code, said) = told(folder.path(), &["xray", &app, option[0], option[1]]);
        assert_eq!(code, Some(2), "{option:?}: {said}");
        assert!(said.contains("single program"), "{option:?}: {said}");
    }
    assert_eq!(told(folder.path(), &["xray", &app]).0, Some(0));
}

#[test]
fn a_fifo_without_a_writer_is_said_to_be_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    let mut waiting = command(folder.path(), &["xray", "./fifo"]);
    let waiting = waiting.stderr(Stdio::piped()).stdout(Stdio::null());
    let mut waiting = waiting.spawn().expect("the playground runs");
    let mut stderr = waiting.stderr.take().expect("piped");
    let mut said = [0; 8];
    stderr.read_exact(&mut said).expect("it says something");
    assert_eq!(&said, b"waiting ");
    // What comes late is read all the same.
    let mut writer = std::fs::OpenOptions::new()
        .write(true)
        .open(&fifo)
        .expect("opened");
    writer.write_all(b"no image").expect("written");
    drop(writer);
    let status = waiting.wait().expect("it ends");
    assert_eq!(status.code(), Some(3));
}

/// It reads the book here, and comes to no engine.
#[test]
fn an_edit_from_a_fifo_without_a_writer_is_said_to_be_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.to_string_lossy();
    let run = [
        "--root",
        &*root,
        "run",
        "stage-1",
        "--edit",
        "Dockerfile=./fifo",
    ];
    let mut waiting = command(folder.path(), &run);
    let waiting = waiting.stderr(Stdio::piped()).stdout(Stdio::null());
    let mut waiting = waiting.spawn().expect("the playground runs");
    let mut stderr = waiting.stderr.take().expect("piped");
    let mut said = String::new();
    while !said.contains("waiting for somebody to write into ./fifo") {
        let mut byte = [0];
        assert_eq!(stderr.read(&mut byte).expect("read"), 1, "{said}");
        said.push(char::from(byte[0]));
    }
    // More than a source file ever has is refused before anything is asked of an engine.
    let mut writer = std::fs::OpenOptions::new()
        .write(true)
        .open(&fifo)
        .expect("opened");
    let _ = writer.write_all(&vec![b'x'; (4 << 20) + 1]);
    drop(writer);
    let status = waiting.wait().expect("it ends");
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_folder_that_is_no_book_is_a_bad_argument() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_string_lossy().into_owned();
    let (code, said) = told(folder.path(), &["--root", &root, "check-content"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no book/labs"), "{said}");
}
