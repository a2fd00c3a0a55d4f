use super::*;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

#[derive(Debug)]
struct Work {
    ticket: Ticket,
    over: AtomicBool,
    waited: AtomicBool,
}

impl Work {
    fn new(ticket: Ticket) -> Work {
        Work {
            ticket,
            over: AtomicBool::new(false),
            waited: AtomicBool::new(false),
        }
    }

    fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Job for Work {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn waits(&self) {
        self.waited.store(true, Ordering::Relaxed);
    }
}

fn jobs() -> Jobs<Work> {
    Jobs::new(Rules {
        plural: "jobs",
        crowded: "too many",
        at_once: 1,
        max_waiting: 2,
        keep: |jobs| newest(3, jobs),
    })
}

/// A job that has its turn, and ends when the sender is dropped.
async fn busy(jobs: &Jobs<Work>) -> (Arc<Work>, oneshot::Sender<()>) {
    let job = jobs.admit(Work::new).expect("accepted");
    let (begun, has_begun) = oneshot::channel::<()>();
    let (end, ended) = oneshot::channel::<()>();
    let work = job.clone();
    jobs.carry_out(&job, move |turn| async move {
        drop(begun);
        let _ = ended.await;
        work.end();
        drop(turn);
    });
    let _ = has_begun.await;
    (job, end)
}

#[tokio::test]
async fn more_than_may_wait_are_refused_until_one_is_over() {
    let jobs = jobs();
    let accepted: Vec<_> = (0..3).map(|_| jobs.admit(Work::new)).collect();
    let accepted: Result<Vec<_>, _> = accepted.into_iter().collect();
    let accepted = accepted.expect("one at work, two waiting");
    let refused = jobs.admit(Work::new).expect_err("one too many");
    assert_eq!(refused.what, "3 jobs are waiting already.");
    accepted[1].end();
    jobs.admit(Work::new).expect("accepted again");
}

#[tokio::test]
async fn the_next_has_its_turn_when_the_last_holder_of_the_one_before_lets_go() {
    let jobs = jobs();
    let first = jobs.admit(Work::new).expect("accepted");
    let (hand, handed) = oneshot::channel();
    let (over, is_over) = oneshot::channel();
    jobs.carry_out(&first, move |turn| async move {
        let _ = hand.send(turn);
        let _ = over.send(());
    });
    let held = handed.await.expect("it began");
    let _ = is_over.await;
    first.end();
    let second = jobs.admit(Work::new).expect("accepted");
    let (report, reported) = oneshot::channel();
    jobs.carry_out(&second, move |turn| async move {
        let _ = report.send(turn.is_some());
    });
    while !second.waited.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    drop(held);
    assert_eq!(reported.await, Ok(true));
    assert!(!first.waited.load(Ordering::Relaxed));
}

#[tokio::test]
async fn one_that_is_stopped_while_it_waits_never_has_a_turn() {
    let jobs = jobs();
    let (_first, _end) = busy(&jobs).await;
    let second = jobs.admit(Work::new).expect("accepted");
    let (report, reported) = oneshot::channel();
    jobs.carry_out(&second, move |turn| async move {
        let _ = report.send(turn.is_some());
    });
    second.ticket.stop.cancel();
    assert_eq!(reported.await, Ok(false));
}

#[tokio::test]
async fn closing_stops_all_waits_for_their_clean_up_and_takes_no_more() {
    let jobs = jobs();
    let job = jobs.admit(Work::new).expect("accepted");
    let work = job.clone();
    jobs.carry_out(&job, |_turn| async move {
        work.ticket.stop.cancelled().await;
        tokio::task::yield_now().await;
        work.end();
    });
    jobs.close().await;
    assert!(job.is_over(), "it was waited for");
    let refused = jobs.admit(Work::new).expect_err("too late");
    assert!(refused.what.contains("being stopped"), "{refused:?}");
}

#[tokio::test]
async fn the_oldest_that_are_over_make_room_and_none_that_is_not() {
    let jobs = jobs();
    let mut all = Vec::new();
    for _ in 0..4 {
        let job = jobs.admit(Work::new).expect("accepted");
        job.end();
        all.push(job);
    }
    assert!(jobs.get(&all[0].ticket.id).is_none(), "the oldest went");
    assert!(jobs.get(&all[1].ticket.id).is_some());
    let ids: Vec<String> = jobs.list().iter().map(|j| j.ticket.id.clone()).collect();
    let newest_first: Vec<String> = all[1..].iter().rev().map(|j| j.ticket.id.clone()).collect();
    assert_eq!(ids, newest_first);
    let unfinished: Vec<_> = (0..4)
        .map(|n| {
            let stop = CancellationToken::new();
            let id = n.to_string();
            Arc::new(Work::new(Ticket { id, stop }))
        })
        .collect();
    assert_eq!(newest(3, &unfinished), [true; 4]);
}
