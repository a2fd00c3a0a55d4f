use super::*;
use catalog::Catalog;
use catalog::inventory::Form;
use std::path::Path;

fn inventory() -> Inventory {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let catalog = Catalog::load(&root).expect("the catalog");
    Inventory::load(&root, &catalog).expect("the inventory")
}

/// An answer of learner `who`; `at` orders the answers of one learner.
fn act(who: &str, at: u32, question: &str, when: When, right: bool, answer: &str) -> Act {
    Act {
        key: format!("{who}-{at}"),
        at: format!("2026-11-29T00:00:{at:02}Z"),
        verb: Verb::Answered,
        object: question.into(),
        detail: Detail {
            answer: Some(answer.into()),
            right: Some(right),
            when: Some(when),
            ..Detail::default()
        },
    }
}

fn of<'s>(stats: &'s [ItemStats], id: &str) -> &'s ItemStats {
    stats.iter().find(|one| one.id == id).expect("the question")
}

/// Ten learners answer `dns`, of whom the first five are right, and `x509` and `no-tmp` as told.
fn class(rest: [(bool, bool); 10]) -> Vec<Vec<Act>> {
    let learner = |(at, (second, third)): (usize, (bool, bool))| {
        let who = format!("learner{at}");
        let one = |n, question, right| act(&who, n, question, When::After, right, "");
        vec![
            one(1, "dns", at < 5),
            one(2, "x509", second),
            one(3, "no-tmp", third),
        ]
    };
    rest.into_iter().enumerate().map(learner).collect()
}

/// By hand: those who are right know 1, 1, 1, ½, ½ of the rest (mean 0.8), the others ½, ½, ½, 0, 0
/// (mean 0.3). The mean of all is 0.55, the mean square distance (3·0.45² + 5·0.05² + 2·0.55²)/10 =
/// 0.1225, the deviation 0.35. (0.8 − 0.3) / 0.35 · √(½·½) = 0.25 / 0.35 = 5/7.
#[test]
fn discrimination_is_the_item_rest_correlation() {
    const ALL: (bool, bool) = (true, true);
    const HALF: (bool, bool) = (true, false);
    const NONE: (bool, bool) = (false, false);
    let logs = class([ALL, ALL, ALL, HALF, HALF, HALF, HALF, HALF, NONE, NONE]);
    let stats = stats(&inventory(), &logs);
    let item = of(&stats, "dns");
    assert_eq!((item.after.n, item.after.right), (10, 5));
    assert_eq!(item.after.share, Some(0.5));
    let Discrimination::Told(told) = item.after.discrimination else {
        panic!("{item:?}");
    };
    assert!((told - 5.0 / 7.0).abs() < 1e-9, "{told}");
    assert_eq!(item.before.n, 0);
    assert_eq!((item.both, item.gain), (0, None));
}

#[test]
fn what_cannot_be_told_is_said_to_be_so() {
    let logs = class([(true, true); 10]);
    let inventory = inventory();
    let few = stats(&inventory, &logs[..9]);
    assert_eq!(of(&few, "dns").after.discrimination, Discrimination::TooFew);
    // All know the same of the rest.
    let alike = stats(&inventory, &logs);
    let item = of(&alike, "dns");
    assert_eq!(item.after.discrimination, Discrimination::NoVariance);
    // All are right.
    let item = of(&alike, "x509");
    assert_eq!(item.after.discrimination, Discrimination::NoVariance);
    let nobody = stats(&inventory, &[]);
    assert_eq!(of(&nobody, "dns").after.share, None);
}

#[test]
fn gain_is_of_those_who_answered_both_times() {
    let both = |who: &str, before, after| {
        vec![
            act(who, 1, "dns", When::Before, before, ""),
            act(who, 2, "dns", When::After, after, ""),
        ]
    };
    let logs = [
        both("a", false, true),
        both("b", true, true),
        both("c", false, false),
        both("d", false, true),
        vec![act("e", 1, "dns", When::After, false, "")],
    ];
    let stats = stats(&inventory(), &logs);
    let item = of(&stats, "dns");
    assert_eq!((item.before.n, item.after.n, item.both), (4, 5, 4));
    // 3 of 4 after, 1 of 4 before.
    assert_eq!(item.gain, Some(0.5));
}

#[test]
fn the_first_answer_of_each_sitting_counts() {
    let log = vec![
        act("a", 3, "dns", When::After, true, "dns-taken-away"),
        act("a", 1, "dns", When::After, false, "needs-libc"),
    ];
    let stats = stats(&inventory(), &[log]);
    let item = of(&stats, "dns");
    assert_eq!((item.after.n, item.after.right), (1, 0));
    assert_eq!(item.after.belief, Some(("needs-libc".into(), 1)));
}

#[test]
fn a_learner_who_exported_twice_is_one() {
    let early = vec![act("a", 1, "dns", When::Before, false, "needs-libc")];
    let mut late = early.clone();
    late.push(act("a", 2, "dns", When::After, true, "dns-taken-away"));
    let other = vec![act("b", 1, "dns", When::Before, false, "no-resolv-conf")];
    let stats = stats(&inventory(), &[early, other, late]);
    let item = of(&stats, "dns");
    assert_eq!((item.before.n, item.after.n, item.both), (2, 1, 1));
    // Each was met once: the first by name.
    assert_eq!(item.before.belief, Some(("needs-libc".into(), 1)));
}

#[test]
fn an_answer_is_kept_with_its_sitting_and_worth() {
    let dir = tempfile::tempdir().expect("a folder");
    let progress = Progress::open_in(dir.path()).expect("opened");
    let inventory = inventory();
    let question = inventory.question("dns").expect("the question");
    answered(&progress, question, "no-such-choice", When::Before).expect_err("no choice");
    answered(&progress, question, " needs-libc ", When::Before).expect("kept");
    let acts = progress.acts().expect("read");
    assert_eq!(acts.len(), 1);
    assert_eq!(
        (acts[0].verb, acts[0].object.as_str()),
        (Verb::Answered, "dns")
    );
    assert_eq!(acts[0].detail.answer.as_deref(), Some("needs-libc"));
    assert_eq!(acts[0].detail.right, Some(false));
    assert_eq!(sittings(&acts), [("dns", When::Before)].into());
}

/// Whoever always takes the same letter, or the longest, is right by chance only.
#[test]
fn neither_place_nor_length_gives_the_right_answer_away() {
    let (mut places, mut longest, mut all) = ([0_usize; 4], 0_usize, 0_usize);
    for question in &inventory().questions {
        let Form::Choice(choices) = &question.form else {
            continue;
        };
        let right = choices.iter().position(|one| one.wrong.is_none());
        let right = right.expect("a right answer");
        let most = choices.iter().map(|one| one.text.len()).max();
        places[right] += 1;
        longest += usize::from(Some(choices[right].text.len()) == most);
        all += 1;
    }
    for place in places {
        assert!(place * 4 <= all + 4 && place > 0, "{places:?} of {all}");
    }
    assert!(longest * 2 <= all, "{longest} of {all} are the longest");
}

#[test]
fn what_people_would_write_is_judged_as_they_mean_it() {
    let inventory = inventory();
    for (id, answer, right, belief) in [
        ("missing-libc", "the ELF interpreter, ld-linux", true, None),
        ("missing-libc", "the loader (and glibc too)", true, None),
        ("missing-libc", "ld-musl-x86_64.so.1", true, None),
        ("missing-libc", "libc.so.6", false, Some("libc")),
        ("missing-libc", "some shared library", false, Some("libc")),
        ("missing-libc", "/app", false, Some("the-program")),
        ("missing-libc", "a shell", false, Some("shell")),
        ("missing-libc", "no idea", false, None),
        ("no-shell-health", "there is no shell", true, None),
        ("no-shell-health", "/bin/sh -c wget, but no sh", true, None),
        ("no-shell-health", "wget isn't there", false, Some("wget")),
        ("no-shell-health", "timeout", false, Some("too-slow")),
        (
            "no-shell-health",
            "port not EXPOSEd",
            false,
            Some("network"),
        ),
        (
            "pid1-signals",
            "sh is PID 1 and doesn't forward it",
            true,
            None,
        ),
        ("pid1-signals", "the app is not pid 1", true, None),
        ("pid1-signals", "The shell got the signal", true, None),
        ("pid1-signals", "it was too slow", false, Some("too-slow")),
        (
            "pid1-signals",
            "SIGKILL right away",
            false,
            Some("killed-at-once"),
        ),
        (
            "pid1-signals",
            "it waits for SIGINT",
            false,
            Some("handler-wrong"),
        ),
    ] {
        let question = inventory.question(id).expect("the question");
        let judged = question.judge(answer).expect("an answer");
        assert_eq!(
            (judged.right, judged.belief),
            (right, belief),
            "{id}: {answer}"
        );
    }
}
