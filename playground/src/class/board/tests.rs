use super::*;
use crate::class::ran::Failing;
use crate::class::tests::exercises;

fn at(minute: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_800_000_000 + 60 * minute).expect("a time")
}

fn seat(number: u32) -> Seat {
    Seat {
        number,
        folder: format!("f{number}"),
        name: format!("Learner {number}"),
        joined: at(0),
        hand: None,
    }
}

fn ran(seat: u32, minute: i64, object: &str, failing: Option<(&str, &str)>) -> Ran {
    Ran {
        seat,
        run: format!("{seat}-{minute}"),
        at: at(minute),
        object: object.into(),
        variant: "submission".into(),
        submission: true,
        edited: true,
        ending: match failing {
            None => Ending::AsDeclared,
            Some(_) => Ending::NotAsDeclared,
        },
        failing: failing.map(|(check, message)| Failing {
            check: check.into(),
            title: format!("Check {check}"),
            message: message.into(),
        }),
        waited_ms: Some(0),
        ms: 1000,
    }
}

fn here(numbers: &[u32]) -> BTreeMap<u32, Presence> {
    let presence = Presence {
        seen: Some(Duration::from_secs(1)),
        ..Presence::default()
    };
    numbers.iter().map(|n| (*n, presence.clone())).collect()
}

fn board(seats: &[Seat], runs: &[Ran], present: &BTreeMap<u32, Presence>, minute: i64) -> Board {
    Board::of(&Facts {
        seats,
        ran: runs,
        present,
        call: None,
        exercises: exercises(),
        now: at(minute),
    })
}

const ONE: &str = "01-two-stages";
const TWO: &str = "02-slim-toolchain";

#[test]
fn whoever_fails_at_the_same_check_three_times_is_stuck_and_nobody_before() {
    let fails = |minute| ran(1, minute, ONE, Some(("small", "too large")));
    let mut runs = vec![fails(1), fails(2)];
    let stuck = |runs: &[Ran]| {
        board(&[seat(1)], runs, &here(&[1]), 5).seats[0]
            .stuck
            .clone()
    };
    assert_eq!(stuck(&runs), None);
    runs.push(fails(3));
    let Some(Stuck::SameCheck {
        times,
        check,
        message,
        ..
    }) = stuck(&runs)
    else {
        panic!("not stuck");
    };
    assert_eq!(
        (times, check.as_str(), message.as_str()),
        (3, "Check small", "too large")
    );
    // Another check is progress, and so is a pass.
    runs.push(ran(1, 4, ONE, Some(("health", "no answer"))));
    assert_eq!(stuck(&runs), None);
    runs.extend([fails(4), fails(4), fails(4), ran(1, 5, ONE, None)]);
    assert_eq!(stuck(&runs), None);
}

#[test]
fn minutes_without_progress_count_for_those_who_are_there() {
    let runs = [
        ran(1, 1, ONE, Some(("small", "x"))),
        ran(1, 9, ONE, Some(("small", "x"))),
    ];
    let stuck = |present: &[u32], minute| {
        board(&[seat(1)], &runs, &here(present), minute).seats[0]
            .stuck
            .clone()
    };
    assert_eq!(stuck(&[1], 10), None);
    assert!(matches!(
        stuck(&[1], 11),
        Some(Stuck::NoProgress { minutes: 10, .. })
    ));
    assert_eq!(stuck(&[], 11), None, "whoever went home");
    // Nothing fails: whoever reads for an hour is not stuck.
    let board = board(&[seat(2)], &[], &here(&[2]), 90);
    assert_eq!(board.seats[0].doing, Doing::Reads);
}

#[test]
fn the_funnel_counts_seats_and_not_attempts() {
    let runs = [
        ran(1, 1, ONE, Some(("small", "x"))),
        ran(1, 2, ONE, Some(("small", "x"))),
        ran(1, 3, ONE, None),
        ran(2, 1, ONE, Some(("small", "x"))),
        ran(3, 1, TWO, None),
        ran(9, 1, ONE, None),
    ];
    let seats = [seat(1), seat(2), seat(3)];
    let funnel = board(&seats, &runs, &here(&[1, 2, 3]), 5).funnel;
    let counts: Vec<_> = funnel
        .iter()
        .map(|one| (one.number, one.tried, one.failing, one.passed))
        .collect();
    assert_eq!(
        counts,
        [(1, 2, 1, 1), (2, 1, 0, 1)],
        "a removed seat counts no more"
    );
}

#[test]
fn the_commonest_failure_is_where_most_seats_fail_now() {
    let runs = [
        ran(1, 1, ONE, Some(("outcome", "exec /app: no such file"))),
        ran(2, 1, ONE, Some(("outcome", "exec /app: no such file"))),
        ran(3, 1, ONE, Some(("outcome", "another"))),
        ran(4, 1, ONE, Some(("small", "846 MB"))),
        ran(5, 1, ONE, Some(("outcome", "solved since"))),
        ran(5, 2, ONE, None),
        ran(
            5,
            3,
            ONE,
            Some(("small", "tried again after it had passed")),
        ),
    ];
    let seats: Vec<_> = (1..=5).map(seat).collect();
    let common = board(&seats, &runs, &here(&[1]), 5).commonest;
    assert_eq!(common.len(), 2);
    assert_eq!(
        (common[0].seats, common[0].message.as_str()),
        (3, "exec /app: no such file")
    );
    assert_eq!(common[1].seats, 1);
}

#[test]
fn a_wall_shows_no_names_numbers_or_private_words() {
    let secret = "panic: ada's password";
    let mut seats = vec![seat(1), seat(2)];
    seats[0].hand = Some(at(1));
    let runs: Vec<_> = (1..=3)
        .map(|m| ran(2, m, ONE, Some(("small", secret))))
        .collect();
    let wall = board(&seats, &runs, &here(&[1, 2]), 5).without_names();
    let json = serde_json::to_string(&wall).expect("JSON");
    for hidden in ["Learner", secret, "\"seat\"", "\"name\""] {
        assert!(!json.contains(hidden), "{hidden} in {json}");
    }
    assert_eq!(wall.seats.len(), 2);
    assert_eq!(wall.commonest[0].seats, 1);
}

#[test]
fn a_call_counts_what_ended_since() {
    let call = Call {
        lab: "stage-1".into(),
        variant: "image".into(),
        title: "Ship the workshop".into(),
        page: None,
        at: at(10),
    };
    let of_lab = |seat, minute| Ran {
        object: "stage-1".into(),
        variant: "image".into(),
        submission: false,
        ..ran(seat, minute, "", None)
    };
    let runs = [of_lab(1, 5), of_lab(2, 5), of_lab(2, 11)];
    let mut present = here(&[1, 2, 3]);
    let running = UnderWay {
        object: "stage-1".into(),
        variant: "image".into(),
        waits: true,
    };
    present.insert(
        3,
        Presence {
            running: Some(running),
            ..Presence::default()
        },
    );
    let board = Board::of(&Facts {
        seats: &[seat(1), seat(2), seat(3)],
        ran: &runs,
        present: &present,
        call: Some(&call),
        exercises: &[],
        now: at(12),
    });
    let called: Vec<_> = board.seats.iter().map(|seat| seat.called).collect();
    let over = Called::Over {
        ending: Ending::AsDeclared,
        ms: 1000,
    };
    assert_eq!(
        called,
        [Some(Called::Open), Some(over), Some(Called::Waits)]
    );
}
