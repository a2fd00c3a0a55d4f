use super::*;
use crate::exercises::Workspace;
use catalog::Catalog;
use std::fs;

fn repository() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn check(id: &str, passed: bool) -> CheckResult {
    CheckResult {
        id: id.into(),
        title: id.into(),
        expected: String::new(),
        seen: String::new(),
        passed,
        unreached: false,
    }
}

fn weighing(bytes: u64) -> Detail {
    Detail {
        unpacked_bytes: Some(bytes),
        ..Detail::default()
    }
}

#[test]
fn a_standing_follows_what_was_handed_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let progress = Progress::open_in(dir.path()).expect("opened");
    let one = "01-two-stages";
    for _ in 0..2 {
        let checks = [check("outcome", true), check("small", false)];
        progress
            .graded(one, &checks, Detail::default())
            .expect("kept");
    }
    let standing = progress.standings().expect("read")[one].clone();
    assert_eq!((standing.attempts, standing.failing_for), (2, 2));
    assert_eq!(standing.failing.as_deref(), Some("small"));
    assert_eq!(standing.passed_at, None);

    for bytes in [9, 7, 8] {
        let checks = [check("outcome", true)];
        progress
            .graded(one, &checks, weighing(bytes))
            .expect("kept");
    }
    let standing = progress.standings().expect("read")[one].clone();
    assert_eq!(standing.best_bytes, Some(7));
    assert_eq!(standing.failing, None);
    assert!(standing.passed_at.is_some());
}

/// As the first playgrounds wrote it: the check, and no cause.
#[test]
fn hints_that_were_recorded_without_a_cause_count_for_the_one_that_failed() {
    let dir = tempfile::tempdir().expect("a folder");
    let progress = Progress::open_in(dir.path()).expect("opened");
    let one = "01-two-stages";
    let failed = |cause: &str| {
        let detail = Detail {
            cause: Some(cause.to_owned()),
            ..Detail::default()
        };
        let checks = [check("small", false)];
        progress.graded(one, &checks, detail).expect("kept");
    };
    let old: Detail = serde_json::from_str(r#"{"check":"small","level":2}"#).expect("read");
    failed("the build's folder");
    progress.record(Verb::Requested, one, old).expect("kept");
    failed("the wrong base");
    let told = |cause: &str| progress.standings().expect("read")[one].told("small", cause);
    assert_eq!((told("the build's folder"), told("the wrong base")), (2, 0));
    let passed = [check("small", true)];
    progress
        .graded(one, &passed, Detail::default())
        .expect("kept");
    assert_eq!(told("the build's folder"), 0, "passed is passed");
}

#[test]
fn progress_outlives_the_process() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = Progress::open_in(dir.path()).expect("opened");
    first
        .record(Verb::Initialized, "01-two-stages", Detail::default())
        .expect("kept");
    drop(first);
    let again = Progress::open_in(dir.path()).expect("opened");
    assert_eq!(again.acts().expect("read").len(), 1);
}

#[test]
fn it_moves_to_another_folder_and_back_unchanged() {
    let catalog = Catalog::load(&repository()).expect("the catalog");
    let exercise = catalog.exercise("1").expect("the first exercise");
    let [here, there] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let at = |dir: &Path| {
        let progress = Progress::open_in(dir).expect("opened");
        (progress, Workspace::new(dir.join("work")))
    };
    let (progress, work) = at(here.path());
    let started = work.start(&repository(), exercise).expect("started");
    fs::write(started.dir.join("Dockerfile"), "FROM scratch\n").expect("written");
    let checks = [check("outcome", false)];
    progress
        .graded(&exercise.id, &checks, weighing(3))
        .expect("kept");
    let file = Portable::gather(&progress, &work, &catalog).expect("gathered");
    let text = serde_json::to_string(&file).expect("JSON");

    let (other, other_work) = at(there.path());
    let carried = Portable::parse(&text).expect("parsed");
    let imported = carried
        .lay_down(&other, &other_work, &catalog)
        .expect("laid down");
    assert_eq!((imported.acts, imported.kept.len()), (1, 0));
    assert_eq!(imported.files, ["01-two-stages/Dockerfile"]);
    let back = Portable::gather(&other, &other_work, &catalog).expect("gathered");
    assert_eq!(back, file);

    // And back: nothing is taken twice, and nothing that differs is overwritten.
    fs::write(started.dir.join("Dockerfile"), "FROM later\n").expect("written");
    let again = back
        .lay_down(&progress, &work, &catalog)
        .expect("laid down");
    assert_eq!((again.acts, again.files.len()), (0, 0));
    assert_eq!(again.kept, ["01-two-stages/Dockerfile"]);
    assert_eq!(progress.acts().expect("read"), file.acts);
}

#[test]
fn a_file_that_is_no_export_is_refused() {
    let newer = r#"{"empty_room_progress":2,"acts":[],"work":{}}"#;
    for text in ["", "{}", "not JSON", newer] {
        assert!(Portable::parse(text).is_err(), "{text} was taken");
    }
}

#[test]
fn a_statement_says_who_did_what_to_what() {
    let act = Act {
        key: "00ff".into(),
        at: "2026-11-29T00:00:00Z".into(),
        verb: Verb::Failed,
        object: "01-two-stages".into(),
        detail: Detail {
            check: Some("small".into()),
            score: Some((3, 5)),
            ms: Some(1500),
            ..Detail::default()
        },
    };
    let statement = act.statement("seat 7");
    assert_eq!(
        statement["verb"]["id"],
        "http://adlnet.gov/expapi/verbs/failed"
    );
    assert_eq!(
        statement["object"]["id"],
        "urn:empty-room:exercise:01-two-stages"
    );
    assert_eq!(statement["actor"]["account"]["name"], "seat 7");
    assert_eq!(statement["result"]["score"]["max"], 5);
    assert_eq!(statement["result"]["duration"], "PT1.50S");
    let id = statement["id"].as_str().expect("an id");
    assert_eq!(
        id.split('-').map(str::len).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
}

/// SQLite says of its own limit what it says of a full disk.
#[test]
fn a_full_disk_is_said_for_people_and_what_was_kept_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let progress = Progress::open_in(dir.path()).expect("opened");
    let record = |text: &str| {
        let detail = Detail {
            files: BTreeMap::from([("Dockerfile".to_owned(), text.to_owned())]),
            ..Detail::default()
        };
        progress.record(Verb::Failed, "01-two-stages", detail)
    };
    record("FROM scratch\n").expect("there is room");
    let limit = |pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        let set = progress
            .db()
            .query_row(&sql, [], |row| row.get::<_, i64>(0));
        set.expect("set")
    };
    // No less than what is there already: SQLite takes that for it.
    limit(1);
    let error = record(&"x".repeat(64 << 10)).expect_err("there is no room");
    assert!(error.what.contains("full"), "{error}");
    assert!(error.next.contains("make room"), "{error}");
    assert_eq!(progress.acts().expect("read").len(), 1);
    limit(1 << 20);
    record("FROM scratch\n").expect("there is room again");
    assert_eq!(progress.acts().expect("read").len(), 2);
}
