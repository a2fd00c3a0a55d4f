use super::store::unusable;
use super::*;

fn measurement(lab: &str, unpacked_bytes: u64, edited: bool) -> Measurement {
    Measurement {
        lab: lab.into(),
        variant: "image".into(),
        engine: "Docker 20.10".into(),
        arch: "amd64".into(),
        base_state: Some("rebuilt".into()),
        image_id: "sha256:0".into(),
        unpacked_bytes,
        compressed_bytes: 2,
        engine_bytes: 3,
        go: String::new(),
        edited,
        ending: Ending::AsDeclared,
        ms: 4,
    }
}

#[test]
fn measurements_and_layers_outlive_the_process() {
    let dir = tempfile::tempdir().expect("a folder");
    {
        let journal = Journal::open_in(dir.path()).expect("opened");
        journal
            .record(&measurement("stage-1", 10, false))
            .expect("recorded");
        journal
            .record(&measurement("stage-1", 11, false))
            .expect("recorded");
        journal
            .record(&measurement("stage-1", 99, true))
            .expect("recorded");
        journal
            .remember_layers(&[("sha256:a".into(), 7, 5)])
            .expect("remembered");
    }
    let journal = Journal::open_in(dir.path()).expect("opened again");
    let latest = journal.latest_per_lab("").expect("read");
    assert_eq!(
        latest["stage-1"].unpacked_bytes, 11,
        "edited runs do not count"
    );
    assert_eq!(latest["stage-1"].base, "rebuilt");
    assert_eq!(journal.layer("sha256:a"), Some((7, 5)));
    assert_eq!(journal.layer("sha256:b"), None);
}

#[test]
fn a_damaged_journal_is_set_aside_and_a_new_one_begun() {
    let dir = tempfile::tempdir().expect("a folder");
    for n in 1..=2 {
        std::fs::write(dir.path().join("journal.db"), "not a database, but data").expect("written");
        let journal = Journal::open_in(dir.path()).expect("opened all the same");
        journal
            .record(&measurement("stage-1", 1, false))
            .expect("usable");
        drop(journal);
        let kept = dir.path().join(format!("journal.db.damaged-{n}"));
        let kept = std::fs::read_to_string(kept).expect("kept");
        assert!(kept.starts_with("not a database"));
        for tail in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(dir.path().join(format!("journal.db{tail}")));
        }
    }
}

#[test]
fn damage_in_the_middle_is_noticed_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("journal.db");
    {
        let journal = Journal::open_in(dir.path()).expect("opened");
        for n in 0..200 {
            let lab = format!("stage-{n}");
            journal
                .record(&measurement(&lab, 1, false))
                .expect("recorded");
        }
    }
    let mut bytes = std::fs::read(&path).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    std::fs::write(&path, &bytes).expect("written");
    let journal = Journal::open_in(dir.path()).expect("opened all the same");
    assert!(journal.latest_per_lab("").expect("read").is_empty());
    journal
        .record(&measurement("stage-1", 1, false))
        .expect("usable");
    assert_eq!(
        std::fs::read(dir.path().join("journal.db.damaged-1")).expect("kept"),
        bytes
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_the_book_goes_on() {
    let error = unusable(Path::new("/proc/nowhere/journal.db"), "no");
    assert!(error.what.contains("/proc/nowhere"), "{error:?}");
    let journal = Journal::open_in(Path::new("/proc/nowhere")).expect("in memory");
    journal
        .record(&measurement("stage-1", 1, false))
        .expect("recorded");
    assert_eq!(journal.latest_per_lab("").expect("read").len(), 1);
}

#[test]
fn the_journal_of_a_newer_playground_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("journal.db");
    let db = Connection::open(&path).expect("opened");
    db.execute_batch("CREATE TABLE future (x); PRAGMA user_version = 99")
        .expect("written");
    drop(db);
    let journal = Journal::open_in(dir.path()).expect("in memory");
    journal
        .record(&measurement("stage-1", 1, false))
        .expect("recorded");
    drop(journal);
    let db = Connection::open(&path).expect("opened");
    let tables: u32 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(tables, 1);
    assert!(!dir.path().join("journal.db.damaged-1").exists());
}

#[test]
fn two_playgrounds_may_share_a_journal() {
    let dir = tempfile::tempdir().expect("a folder");
    let one = Journal::open_in(dir.path()).expect("opened");
    let two = Journal::open_in(dir.path()).expect("opened");
    one.record(&measurement("stage-1", 1, false))
        .expect("recorded");
    two.record(&measurement("stage-2", 2, false))
        .expect("recorded");
    assert_eq!(one.latest_per_lab("").expect("read").len(), 2);
}

#[test]
fn measurements_with_another_go_are_remembered_by_themselves() {
    let dir = tempfile::tempdir().expect("a folder");
    let journal = Journal::open_in(dir.path()).expect("opened");
    let newest = Measurement {
        go: "1.27".into(),
        ..measurement("stage-1", 20, false)
    };
    for measurement in [measurement("stage-1", 10, false), newest] {
        journal.record(&measurement).expect("recorded");
    }
    let of = |go| journal.latest_per_lab(go).expect("read")["stage-1"].unpacked_bytes;
    assert_eq!((of(""), of("1.27")), (10, 20));
}
