//! Turns: how many jobs work at the same time, and whose is next.
//!
//! Those who wait stand in lines, one for each party, and the lines are served in rotation: ten
//! jobs of one party take one place each time round, as the one job of another does. Within a
//! line, who came first goes first. Refuses to know what a party is: a process has one, a class
//! one for each seat.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Whose jobs stand in one line.
pub(crate) type Party = u64;

/// Turns that all who hold a clone of this share.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug)]
struct Queue {
    free: usize,
    each: usize,
    held: HashMap<Party, usize>,
    /// The line that is served next stands first; none is empty for long.
    lines: VecDeque<(Party, VecDeque<oneshot::Sender<Permit>>)>,
}

/// A turn; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    turns: Turns,
    party: Party,
}

/// A place in a line, or the turn itself where nobody stood in between. Dropped, it is given up.
#[derive(Debug)]
pub(crate) enum Place {
    /// It is this job's turn.
    Turn(Permit),
    /// It will be.
    Waits(oneshot::Receiver<Permit>),
}

/// How much is going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Jobs that have their turn.
    pub(crate) working: usize,
    /// Jobs that wait for it.
    pub(crate) waiting: usize,
}

impl Turns {
    /// Turns for `at_once` jobs at the same time, of which one party holds at most `each`.
    pub(crate) fn new(at_once: usize, each: usize) -> Turns {
        Turns {
            queue: Arc::new(Mutex::new(Queue {
                free: at_once,
                each,
                held: HashMap::new(),
                lines: VecDeque::new(),
            })),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place at the end of the party's line.
    pub(crate) fn line_up(&self, party: Party) -> Place {
        let (give, mut given) = oneshot::channel();
        let mut queue = self.lock();
        match queue.lines.iter_mut().find(|(of, _)| *of == party) {
            Some((_, line)) => line.push_back(give),
            None => queue.lines.push_back((party, VecDeque::from([give]))),
        }
        let refused = queue.serve(self);
        drop(queue);
        drop(refused);
        match given.try_recv() {
            Ok(permit) => Place::Turn(permit),
            Err(_) => Place::Waits(given),
        }
    }

    /// How many work and wait right now.
    pub(crate) fn load(&self) -> Load {
        let queue = self.lock();
        let lines = queue.lines.iter().flat_map(|(_, line)| line);
        Load {
            working: queue.held.values().sum(),
            waiting: lines.filter(|give| !give.is_closed()).count(),
        }
    }
}

impl Queue {
    /// Hands out what is free. What nobody takes any more comes back: drop it without the lock.
    #[must_use]
    fn serve(&mut self, turns: &Turns) -> Vec<Permit> {
        let mut refused = Vec::new();
        while self.free > 0 {
            let held = |party: &Party| self.held.get(party).copied().unwrap_or(0);
            let next = self
                .lines
                .iter()
                .position(|(party, _)| held(party) < self.each);
            let Some((party, mut line)) = next.and_then(|at| self.lines.remove(at)) else {
                break;
            };
            let taker = loop {
                match line.pop_front() {
                    Some(give) if give.is_closed() => {}
                    other => break other,
                }
            };
            if !line.is_empty() {
                self.lines.push_back((party, line));
            }
            let Some(give) = taker else { continue };
            self.free -= 1;
            *self.held.entry(party).or_default() += 1;
            let turns = turns.clone();
            if let Err(permit) = give.send(Permit { turns, party }) {
                refused.push(permit);
            }
        }
        refused
    }
}

impl Place {
    /// Whether somebody else's turn comes first.
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self, Place::Waits(_))
    }

    /// Waits for the turn. `None` where all turns are over for good.
    pub(crate) async fn turn(self) -> Option<Permit> {
        match self {
            Place::Turn(permit) => Some(permit),
            Place::Waits(given) => given.await.ok(),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut queue = self.turns.lock();
        queue.free += 1;
        if let Some(held) = queue.held.get_mut(&self.party) {
            *held -= 1;
            if *held == 0 {
                queue.held.remove(&self.party);
            }
        }
        let refused = queue.serve(&self.turns);
        drop(queue);
        drop(refused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(place: &mut Place) -> Option<Permit> {
        match place {
            Place::Turn(_) => panic!("it was said to wait"),
            Place::Waits(given) => given.try_recv().ok(),
        }
    }

    fn at_once(turns: &Turns, party: Party) -> Permit {
        match turns.line_up(party) {
            Place::Turn(permit) => permit,
            Place::Waits(_) => panic!("nobody stands before it"),
        }
    }

    #[test]
    fn one_who_asks_ten_times_is_served_as_often_as_one_who_asks_once() {
        let turns = Turns::new(1, 1);
        let mut turn = at_once(&turns, 0);
        let mut places: Vec<(Party, Place)> = (0..10).map(|_| (1, turns.line_up(1))).collect();
        places.extend([2, 3].map(|party| (party, turns.line_up(party))));
        assert!(places.iter().all(|(_, place)| place.is_waiting()));
        let mut order = Vec::new();
        for _ in 0..5 {
            drop(turn);
            let mut waiting = places.iter_mut().enumerate();
            let next = waiting.find_map(|(at, (_, place))| Some((at, now(place)?)));
            let (at, permit) = next.expect("somebody's turn");
            order.push(places.remove(at).0);
            turn = permit;
        }
        assert_eq!(order, [1, 2, 3, 1, 1]);
        assert_eq!(turns.load().waiting, 7);
    }

    #[test]
    fn one_party_never_holds_more_than_its_share() {
        let turns = Turns::new(3, 1);
        let first = at_once(&turns, 1);
        let mut second = turns.line_up(1);
        assert!(second.is_waiting(), "two turns are free, and not for it");
        let _other = at_once(&turns, 2);
        assert_eq!(
            turns.load(),
            Load {
                working: 2,
                waiting: 1
            }
        );
        drop(first);
        assert!(now(&mut second).is_some());
    }

    #[test]
    fn a_place_that_is_given_up_costs_nobody_a_turn() {
        let turns = Turns::new(1, 1);
        let turn = at_once(&turns, 1);
        let gone = turns.line_up(2);
        let mut stays = turns.line_up(3);
        drop(gone);
        drop(turn);
        let turn = now(&mut stays).expect("its turn");
        assert_eq!(
            turns.load(),
            Load {
                working: 1,
                waiting: 0
            }
        );
        drop(turn);
        assert_eq!(turns.load(), Load::default());
        let _again = at_once(&turns, 2);
    }

    #[test]
    fn a_turn_that_comes_too_late_goes_to_the_next() {
        let turns = Turns::new(1, 1);
        let turn = at_once(&turns, 1);
        let late = turns.line_up(2);
        let mut next = turns.line_up(3);
        drop(turn);
        // It was given, and nobody looks at it.
        drop(late);
        assert!(now(&mut next).is_some());
    }
}
