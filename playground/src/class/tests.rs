use super::limits::{MIN_FREE_ENGINE, SEAT_BYTES};
use super::*;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::LazyLock;
use tempfile::TempDir;

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Read once for all tests.
static CONTENT: LazyLock<(TempDir, AppState)> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = tempfile::tempdir().expect("a folder");
    let state = AppState::open(&root, data.path()).expect("opened");
    (data, state)
});

pub(super) fn exercises() -> &'static [catalog::Exercise] {
    &CONTENT.1.catalog.exercises
}

fn opened(data: &Path, seats: u32) -> Arc<Class> {
    let state = CONTENT.1.at(data);
    Class::open(Arc::new(state), Size { seats, at_once: 2 }).expect("a class")
}

fn class() -> (TempDir, Arc<Class>) {
    let data = tempfile::tempdir().expect("a folder");
    let class = opened(data.path(), 60);
    (data, class)
}

fn join(class: &Class, name: &str) -> (Seat, SeatKey) {
    let (code, _) = class.code();
    class.join(FROM, &code, name).expect("let in")
}

#[test]
fn seats_keys_hands_and_the_code_outlive_the_process() {
    let data = tempfile::tempdir().expect("a folder");
    let before = opened(data.path(), 60);
    let (ada, key) = join(&before, "Ada");
    let (bo, _) = join(&before, "Bo");
    before.hand(bo.number, true).expect("kept");
    let code = before.code();
    // As after kill -9: nothing is closed.
    drop(before);
    let after = opened(data.path(), 60);
    assert_eq!(after.who(key.reveal()), Some(ada.number));
    assert_eq!(after.code(), code);
    assert_eq!(after.seats().len(), 2);
    assert!(after.seat(bo.number).expect("there").hand.is_some());
    assert_ne!(join(&after, "Cy").0.number, bo.number);
}

#[test]
fn keys_are_kept_as_hashes_only() {
    let (data, class) = class();
    let (_, key) = join(&class, "Ada");
    drop(class);
    for entry in std::fs::read_dir(Class::dir(data.path())).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("read");
            let found = bytes
                .windows(32)
                .any(|part| part == key.reveal().as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[test]
fn whoever_guesses_is_slowed_down_and_the_instructor_told() {
    let (_data, class) = class();
    let mut tried = 0;
    let refused = loop {
        tried += 1;
        match class.join(FROM, &format!("AAAA{tried:04}"), "Eve") {
            Err(NotIn::Wrong(_)) => assert!(tried < 1000, "nobody is stopped"),
            other => break other,
        }
    };
    assert!(matches!(refused, Err(NotIn::TooOften(..))), "{refused:?}");
    assert!(tried <= 21, "{tried}");
    // Also with the right code: it would tell that it was.
    let (code, _) = class.code();
    assert!(matches!(
        class.join(FROM, &code, "Eve"),
        Err(NotIn::TooOften(..))
    ));
    assert!(class.alarms()[0].text.contains("127.0.0.1"));
    let elsewhere = IpAddr::from([192, 0, 2, 9]);
    class.join(elsewhere, &code, "Ada").expect("others join");
}

#[test]
fn a_guesser_with_many_addresses_is_slowed_down_too() {
    let (_data, class) = class();
    let guess = |n: u32| {
        let from = IpAddr::from(Ipv4Addr::from(0x0a00_0000 + n));
        class.join(from, "AAAA2222", "Eve")
    };
    let let_through = (0..1000).filter(|n| matches!(guess(*n), Err(NotIn::Wrong(_))));
    assert!(let_through.count() < 210);
}

#[test]
fn a_room_that_joins_from_behind_one_address_is_let_in() {
    let (_data, class) = class();
    for n in 0..50 {
        join(&class, &format!("Learner {n}"));
    }
    assert_eq!(class.seats().len(), 50);
}

#[test]
fn the_same_name_is_another_seat_and_never_somebody_elses() {
    let (_data, class) = class();
    let (first, first_key) = join(&class, "Ada");
    let (second, second_key) = join(&class, "Ada");
    assert_ne!(first.number, second.number);
    assert_eq!(class.who(first_key.reveal()), Some(first.number));
    assert_eq!(class.who(second_key.reveal()), Some(second.number));
    for wrong in ["", "0", &first.folder, &"0".repeat(32)] {
        assert_eq!(class.who(wrong), None, "{wrong}");
    }
}

#[test]
fn a_return_code_is_good_once_and_ends_the_old_key() {
    let (_data, class) = class();
    let (ada, old) = join(&class, "Ada");
    let (code, _) = class.code();
    assert!(
        matches!(class.come_back(FROM, &code), Err(NotIn::Wrong(_))),
        "the join code"
    );
    let earlier = class.let_back(ada.number).expect("a code");
    let back = class.let_back(ada.number).expect("a code");
    assert!(
        matches!(class.come_back(FROM, &earlier), Err(NotIn::Wrong(_))),
        "replaced"
    );
    let (seat, new) = class.come_back(FROM, &back).expect("let in");
    assert_eq!(seat.number, ada.number);
    assert_eq!(class.who(new.reveal()), Some(ada.number));
    assert_eq!(class.who(old.reveal()), None, "replayed");
    assert!(
        matches!(class.come_back(FROM, &back), Err(NotIn::Wrong(_))),
        "replayed"
    );
}

#[tokio::test]
async fn who_was_sent_away_has_no_key_no_files_and_no_number_again() {
    let (data, class) = class();
    let (ada, key) = join(&class, "Ada");
    let room = class.room(ada.number).expect("a room");
    let exercise = room.state.catalog.exercise("1").expect("the first");
    room.state
        .workspace
        .start(&room.state.root, exercise)
        .expect("begun");
    let folder = Class::dir(data.path()).join("seats").join(&ada.folder);
    assert!(folder.is_dir());
    drop(room);
    class.remove(ada.number).await.expect("gone");
    assert!(!folder.exists());
    assert_eq!(class.who(key.reveal()), None);
    class.room(ada.number).expect_err("no room");
    assert!(join(&class, "Bo").0.number > ada.number);
}

#[test]
fn a_closed_door_a_new_code_and_full_seats_let_nobody_in() {
    let data = tempfile::tempdir().expect("a folder");
    let class = opened(data.path(), 1);
    let (code, _) = class.code();
    class.set_open(false).expect("kept");
    assert!(matches!(
        class.join(FROM, &code, "Ada"),
        Err(NotIn::NoSeat(_))
    ));
    class.set_open(true).expect("kept");
    class.renew_code().expect("kept");
    assert!(matches!(
        class.join(FROM, &code, "Ada"),
        Err(NotIn::Wrong(_))
    ));
    join(&class, "Ada");
    let (code, _) = class.code();
    assert!(matches!(
        class.join(FROM, &code, "Bo"),
        Err(NotIn::NoSeat(_))
    ));
}

#[tokio::test]
async fn rooms_share_the_engine_and_nothing_that_was_typed() {
    let (_data, class) = class();
    let (ada, _) = join(&class, "Ada");
    let (bo, _) = join(&class, "Bo");
    let (a, b) = (
        class.room(ada.number).expect("it"),
        class.room(bo.number).expect("it"),
    );
    let exercise = a.state.catalog.exercise("1").expect("the first");
    a.state
        .workspace
        .start(&a.state.root, exercise)
        .expect("begun");
    assert!(!b.state.workspace.is_begun(exercise));
    let verb = crate::exercises::progress::Verb::Initialized;
    a.state
        .progress
        .record(verb, "x", Default::default())
        .expect("kept");
    assert_eq!(b.state.progress.acts().expect("read").len(), 0);
    assert!(Arc::ptr_eq(&a.state.catalog, &b.state.catalog));
    assert_ne!(a.state.tenant, b.state.tenant);
}

#[tokio::test]
async fn a_seat_that_has_used_up_its_disk_writes_no_more() {
    let (data, class) = class();
    let (ada, _) = join(&class, "Ada");
    class.room(ada.number).expect("a room");
    class.may_write(ada.number).expect("room enough");
    let folder = Class::dir(data.path()).join("seats").join(&ada.folder);
    let file = File::create(folder.join("big")).expect("made");
    file.set_len(SEAT_BYTES).expect("a file with a hole");
    let error = class.may_write(ada.number).expect_err("no more");
    assert!(error.what.contains("64 MiB"), "{error}");
    assert_eq!(class.alarms().len(), 1);
}

#[tokio::test]
async fn no_run_begins_while_the_engines_disk_is_nearly_full() {
    let (_data, class) = class();
    class.may_run().expect("room enough");
    class.see_free(MIN_FREE_ENGINE - 1);
    class.may_run().expect_err("full");
    class.see_free(MIN_FREE_ENGINE);
    class.may_run().expect("room again");
}

#[tokio::test]
async fn a_seat_may_have_three_runs_and_no_fourth() {
    let (_data, class) = class();
    // It is about admission: no engine is asked.
    class.state().stop_looking();
    let (ada, _) = join(&class, "Ada");
    let (bo, _) = join(&class, "Bo");
    let (a, b) = (
        class.room(ada.number).expect("it"),
        class.room(bo.number).expect("it"),
    );
    let start = |room: &Room| room.runs.start("stage-5a", "image", BTreeMap::new());
    for _ in 0..3 {
        start(&a).expect("accepted");
    }
    start(&a).expect_err("one too many");
    let of_bo = start(&b).expect("another seat is not concerned");
    a.runs.find(of_bo.id()).expect_err("another seat's run");
    class.close().await;
}

#[tokio::test]
async fn a_seat_builds_on_the_books_images_only() {
    let (_data, class) = class();
    class.state().stop_looking();
    let (ada, _) = join(&class, "Ada");
    let room = class.room(ada.number).expect("a room");
    let from = |dockerfile: &str| {
        let edits = BTreeMap::from([("Dockerfile".to_owned(), dockerfile.to_owned())]);
        room.runs.start("stage-5a", "image", edits)
    };
    for foreign in [
        "FROM company/secrets:latest\n",
        "FROM scratch\nCOPY --from=company/secrets:latest / /\n",
        "ARG X=company/secrets\nFROM $X\n",
        "FROM scratch AS a\nARG X\nFROM ${X}\n",
        "FROM golang:1.23\nRUN --mount=type=bind,from=company/secrets,target=/x cat /x/y\n",
    ] {
        let error = from(foreign).expect_err(foreign);
        assert!(error.what.contains("book's own images"), "{error}");
    }
    from("FROM golang:1.23 AS a\nFROM scratch\nCOPY --from=a /etc/passwd /x\n").expect("allowed");
    class.close().await;
}

/// Names, the join code and what learners wrote.
#[test]
fn a_classs_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (data, class) = class();
    join(&class, "Ada");
    let facts = std::fs::metadata(Class::dir(data.path())).expect("it is there");
    assert_eq!(facts.permissions().mode() & 0o077, 0);
}

#[test]
fn one_process_serves_a_class_and_ends_it_with_everything() {
    let data = tempfile::tempdir().expect("a folder");
    assert!(!Class::end(data.path()).expect("nothing there"));
    let class = opened(data.path(), 60);
    join(&class, "Ada");
    let state = class.state().clone();
    let size = class.size();
    Class::open(state, size).expect_err("a second one");
    Class::end(data.path()).expect_err("it is under way");
    drop(class);
    assert!(Class::end(data.path()).expect("ended"));
    assert!(!Class::dir(data.path()).exists());
}
