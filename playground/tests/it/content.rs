//! `check-content`: a sound book passes, and each kind of untruth is found where it stands.

use super::support::{copy_folder, engine, fixture, root};
use playground::book::Recordings;
use playground::content;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A copy of the fixture, with `from` in `file` replaced by `to`.
fn fixture_with(file: &str, from: &str, to: &str) -> TempDir {
    let copied = tempfile::tempdir().expect("a folder");
    copy_folder(&fixture("content"), copied.path());
    // Tests run at once; of equal images, the engine may take away the one that another just made.
    for variant in ["empty", "shell", "repaired"] {
        let path = copied
            .path()
            .join("book/labs/small")
            .join(variant)
            .join("Dockerfile");
        let text = std::fs::read_to_string(&path).expect("a text");
        let label = format!(
            "LABEL room={:?}\n",
            copied.path().file_name().expect("a name")
        );
        std::fs::write(&path, text + &label).expect("written");
    }
    let path = copied.path().join(file);
    let text = std::fs::read_to_string(&path).expect("a text");
    assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
    std::fs::write(&path, text.replace(from, to)).expect("written");
    copied
}

/// Exit code, stdout, stderr.
fn check_content(root: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let data = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_playground"))
        .arg("check-content")
        .args(args)
        .env("EMPTY_ROOM_ROOT", root)
        .env("EMPTY_ROOM_DATA", data.path())
        .output()
        .expect("the playground runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

const LAB: &str = "book/labs/small/lab.toml";
const PAGE: &str = "book/src/small.md";

/// Fails with `wanted` said, where `from` in `file` reads `to`.
async fn finds(file: &str, from: &str, to: &str, wanted: &[&str]) {
    engine().await;
    let broken = fixture_with(file, from, to);
    let (code, stdout, stderr) = check_content(broken.path(), &[]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    for wanted in wanted {
        assert!(stdout.contains(wanted), "{wanted} in:\n{stdout}{stderr}");
    }
}

#[tokio::test]
async fn a_sound_book_passes_and_can_be_recorded() {
    engine().await;
    let fixture = fixture_with(PAGE, "# Small", "# A small room");
    let (code, stdout, stderr) = check_content(fixture.path(), &["--record"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    for wanted in [
        "ok     small/empty",
        "3 of 3 variants as declared",
        "Recorded: small",
    ] {
        assert!(stdout.contains(wanted), "{wanted} in:\n{stdout}");
    }
    // What was recorded serves readers, and the same prose is true on record.
    let content = content::read(fixture.path()).expect("sound");
    assert_eq!(content.problems, []);
    let recording = content.recordings.of("small").expect("recorded");
    assert_eq!(recording.variants.len(), 3);
    let claims =
        content::claims_on_record(&content.catalog.labs, &content.pages, &content.recordings);
    assert_eq!((claims.problems, claims.checked), (vec![], 3));
    let panels = playground::book::panels(fixture.path(), &content.catalog).expect("panels");
    let html = format!("{panels:?}");
    assert!(
        html.contains("lab-recorded") && html.contains("the room is empty"),
        "{html}"
    );
}

/// `playground new lab` promises no less.
#[tokio::test]
async fn a_new_lab_passes_as_it_is() {
    engine().await;
    let fixture = fixture_with(PAGE, "# Small", "# Small and new");
    for (name, kind) in [("brand-new", "failure"), ("new-stage", "stage")] {
        let output = Command::new(env!("CARGO_BIN_EXE_playground"))
            .args(["new", "lab", name, "--kind", kind])
            .env("EMPTY_ROOM_ROOT", fixture.path())
            .output()
            .expect("the playground runs");
        assert!(output.status.success(), "{output:?}");
        let (code, stdout, stderr) = check_content(fixture.path(), &[name]);
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        assert!(stdout.contains(&format!("ok     {name}/")), "{stdout}");
    }
}

#[tokio::test]
async fn a_wrong_message_is_found() {
    let wanted = [
        "wrong  small/shell",
        "The message: expected the room is full, saw sh: the room",
    ];
    finds(LAB, "'the room is empty'", "'the room is full'", &wanted).await;
}

#[tokio::test]
async fn a_wrong_exit_code_is_found() {
    let wanted = ["wrong  small/shell", "Exit code: expected 4, saw 3"];
    finds(LAB, "exit_code = 3", "exit_code = 4", &wanted).await;
}

#[tokio::test]
async fn a_wrong_outcome_is_found() {
    let wanted = [
        "wrong  small/empty",
        "What happens: expected exits by itself, saw cannot start",
    ];
    let from =
        "outcome = \"cannot-start\"\nexit_code = 127\nreporter = \"engine\"\nmoment = \"start\"";
    let to = "outcome = \"exits\"\nexit_code = 127\nreporter = \"program\"\nmoment = \"wait\"";
    finds(LAB, from, to, &wanted).await;
}

#[tokio::test]
async fn a_wrong_reporter_is_found() {
    let wanted = [
        "wrong  small/shell",
        "Who says so: expected nobody, saw the program",
    ];
    let from = "reporter = \"program\"\nmessage = 'the room is empty'";
    let to = "reporter = \"nobody\"\nunsaid = 'the room is full'";
    finds(LAB, from, to, &wanted).await;
}

#[tokio::test]
async fn a_wrong_moment_is_found() {
    let wanted = ["wrong  small/empty", "expected", "create"];
    finds(LAB, "moment = \"start\"", "moment = \"create\"", &wanted).await;
}

#[tokio::test]
async fn a_wrong_size_in_the_prose_is_found() {
    let wanted = [
        "ok     small/empty",
        "book/src/small.md:10: small/empty weighs 1000 bytes unpacked, which is not 1.04\u{a0}kB",
    ];
    finds(PAGE, "unpacked 1.00", "unpacked 1.04", &wanted).await;
}

#[tokio::test]
async fn words_that_nobody_said_are_found() {
    let wanted = [
        "ok     small/shell",
        "book/src/small.md:5: `sh: … room is full` was not said",
    ];
    finds(PAGE, "sh: … room is empty", "sh: … room is full", &wanted).await;
}

#[tokio::test]
async fn a_lab_without_a_page_is_found_together_with_wrong_runs() {
    engine().await;
    let fixture = fixture_with(PAGE, "{{#lab small}}", "No lab.");
    let lab = fixture.path().join(LAB);
    let text = std::fs::read_to_string(&lab).expect("a text");
    std::fs::write(&lab, text.replace("exit_code = 3", "exit_code = 4")).expect("written");
    let (code, stdout, _) = check_content(fixture.path(), &["small/shell"]);
    assert_eq!(code, Some(1), "{stdout}");
    for wanted in [
        "book/labs/small/lab.toml: no page of book/src/SUMMARY.md shows this lab",
        "wrong  small/shell",
    ] {
        assert!(stdout.contains(wanted), "{wanted} in:\n{stdout}");
    }
    assert!(
        !stdout.contains("small/empty"),
        "only what was asked for:\n{stdout}"
    );
}

#[tokio::test]
async fn a_page_of_a_lab_that_does_not_exist_is_found() {
    let wanted = ["book/src/small.md:8: there is no lab `smal`"];
    finds(PAGE, "{{#lab small}}", "{{#lab smal}}", &wanted).await;
}

#[tokio::test]
async fn an_image_without_a_version_is_found() {
    let file = "book/labs/small/repaired/Dockerfile";
    let wanted = ["book/labs/small/repaired/Dockerfile:2: `busybox` has no tag"];
    let to = "FROM alpine:3.20\nCOPY --from=busybox /bin/sh /sh";
    finds(file, "FROM alpine:3.20", to, &wanted).await;
}

#[test]
fn labs_that_cannot_be_read_are_reported_whole_and_nothing_runs() {
    let fixture = fixture_with(LAB, "exit_code = 3", "exit_kode = 3\nreportr = 4");
    let (code, stdout, _) = check_content(fixture.path(), &["--json"]);
    assert_eq!(code, Some(1), "{stdout}");
    let problems: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    assert_eq!(problems.len(), 2, "{stdout}");
    assert_eq!(problems[0]["problem"]["file"], LAB);
    assert_eq!(problems[0]["problem"]["line"], 24);
}

#[test]
fn an_unknown_name_is_a_bad_argument() {
    let (code, _, stderr) = check_content(&fixture("content"), &["smal"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("there is no lab `smal`"), "{stderr}");
}

/// The fast half of `check-content` on the book itself.
#[test]
fn the_book_is_true_to_its_recordings() {
    let content = content::read(&root()).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(content.problems, []);
    let recordings: &Recordings = &content.recordings;
    let claims = content::claims_on_record(&content.catalog.labs, &content.pages, recordings);
    let problems: Vec<String> = claims.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    // Nothing that is missing may pass as true.
    assert_eq!(claims.skipped, Vec::<String>::new());
    assert_eq!(claims.published, BTreeSet::new(), "sizes left alone");
    assert!(claims.checked > 0, "nothing was checked");
    for lab in &content.catalog.labs {
        let recording = recordings.of(&lab.id);
        let recording = recording.unwrap_or_else(|| panic!("no recording of {}", lab.id));
        let recorded: BTreeSet<&str> = recording.variants.keys().map(String::as_str).collect();
        let declared = lab.variants.iter().map(|variant| variant.id.as_str());
        assert_eq!(recorded, declared.collect(), "{}", lab.id);
    }
}

#[tokio::test]
async fn fix_brings_quotes_and_sizes_up_to_date_and_nothing_else() {
    engine().await;
    let fixture = fixture_with(PAGE, "unpacked 1.00", "unpacked 1.04");
    let page = fixture.path().join(PAGE);
    let text = std::fs::read_to_string(&page).expect("text");
    let wrong = text.replace("sh: … room is empty", "sh: the room was empty");
    std::fs::write(&page, wrong).expect("written");
    let (code, stdout, stderr) = check_content(fixture.path(), &["--fix"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(
        stdout.contains("Brought up to date: book/src/small.md"),
        "{stdout}"
    );
    let fixed = std::fs::read_to_string(&page).expect("text");
    let right = text.replace("unpacked 1.04", "unpacked 1.00");
    assert_eq!(
        fixed,
        right.replace("sh: … room is empty", "sh: the room is empty")
    );
}

const QUESTION: &str = r#"[[question]]
id = "small"
variant = "empty"
stem = "Why?"
message = "never … said"
why = "For a reason."
  [question.short]
  answer = "a reason"
  accept = ['reason']
    [[question.short.near]]
    id = "other"
    pattern = 'other'
    example = "another"
    says = "No."
"#;

const RECORDED: &str = r#"{"engine":"Docker","version":"27","arch":"amd64","date":"2026-11-21",
"bases":"published","variants":{"empty":{"message":"the room is empty","ms":1}}}"#;

/// Where questions are asked at all, each failure has one, on its page, in real words.
#[test]
fn a_failure_without_its_question_and_invented_words_are_found() {
    let fixture = fixture_with(PAGE, "# Small", "# A small room");
    let at = |path: &str| fixture.path().join(path);
    let write = |path: &str, text: &str| {
        let file = at(path);
        std::fs::create_dir_all(file.parent().expect("a folder above")).expect("a folder");
        std::fs::write(file, text).expect("written");
    };
    let problems = || -> Vec<String> {
        let content = content::read(fixture.path()).expect("labs that can be read");
        let of_questions = content.problems.iter().map(ToString::to_string);
        of_questions
            .filter(|text| text.contains("inventory") || text.contains("question"))
            .collect()
    };
    write("book/recorded/small.json", RECORDED);
    assert_eq!(
        problems(),
        Vec::<String>::new(),
        "no inventory, no questions"
    );

    write("exercises/inventory.toml", QUESTION);
    let found = problems();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("book/src/small.md:8: shows the failure `small`"),
        "{found:?}"
    );
    assert!(
        found[1].starts_with("exercises/inventory.toml:1: the message"),
        "{found:?}"
    );

    write(
        "exercises/inventory.toml",
        &QUESTION.replace("never … said", "the … empty"),
    );
    let page = std::fs::read_to_string(at(PAGE)).expect("the page");
    write(PAGE, &format!("{page}\n{{{{#question small}}}}\n"));
    assert_eq!(problems(), Vec::<String>::new());

    write(
        "exercises/inventory.toml",
        &QUESTION.replace("\"small\"", "\"smal\""),
    );
    let found = problems();
    let typo = "exercises/inventory.toml:2: there is no failure `smal` to ask about; did you mean";
    assert!(
        found.iter().any(|problem| problem.starts_with(typo)),
        "{found:?}"
    );
}
