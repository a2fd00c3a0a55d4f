//! Work that is accepted, waits for its turn, can be stopped, and is kept for a while.
//!
//! Owns ids, admission, turns, keeping and closing, the same for runs and X-rays. Refuses to
//! know what the work is: a [`Job`] says whether it is over, [`Rules`] how many there may be.

mod turns;

pub(crate) use turns::{Load, Party, Permit, Turns};

use policy::UserError;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A job's turn. It ends when the last holder drops it: a thread that cannot be stopped holds
/// it, too.
pub(crate) type Turn = Arc<Permit>;

/// What an accepted job is known and stopped by.
#[derive(Debug)]
pub(crate) struct Ticket {
    /// 12 hexadecimal digits that nobody guesses by counting.
    pub(crate) id: String,
    /// Cancelled when the job is to stop, or when all are.
    pub(crate) stop: CancellationToken,
}

/// One piece of work.
pub(crate) trait Job: Send + Sync + 'static {
    /// How it is known and stopped.
    fn ticket(&self) -> &Ticket;
    /// Whether it has come to its end.
    fn is_over(&self) -> bool;
    /// Is told when all turns are taken.
    fn waits(&self) {}
}

/// How many jobs there may be.
#[derive(Debug)]
pub(crate) struct Rules<J> {
    /// What people call several of them.
    pub(crate) plural: &'static str,
    /// Why one more is too many.
    pub(crate) crowded: &'static str,
    /// Jobs that have their turn at the same time.
    pub(crate) at_once: usize,
    /// Jobs that may wait for their turn before a new one is refused.
    pub(crate) max_waiting: usize,
    /// Which of them stay in memory, the newest standing last; one that is not over always does.
    pub(crate) keep: fn(&[Arc<J>]) -> Vec<bool>,
}

/// All jobs of one kind.
#[derive(Debug)]
pub(crate) struct Jobs<J> {
    rules: Rules<J>,
    kept: Arc<Mutex<Vec<Arc<J>>>>,
    turns: Turns,
    party: Party,
    tracker: TaskTracker,
    closing: CancellationToken,
}

impl<J: Job> Jobs<J> {
    pub(crate) fn new(rules: Rules<J>) -> Jobs<J> {
        let turns = Turns::new(rules.at_once, rules.at_once);
        Jobs::sharing(rules, &turns, 0)
    }

    /// Jobs of one party, which takes its turns among others.
    pub(crate) fn sharing(rules: Rules<J>, turns: &Turns, party: Party) -> Jobs<J> {
        Jobs {
            kept: Arc::default(),
            turns: turns.clone(),
            party,
            tracker: TaskTracker::new(),
            closing: CancellationToken::new(),
            rules,
        }
    }

    /// Accepts the job that `make` makes.
    ///
    /// # Errors
    /// Too many are waiting, or all are being stopped.
    pub(crate) fn admit(&self, make: impl FnOnce(Ticket) -> J) -> Result<Arc<J>, UserError> {
        let id = new_id()?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.closing.is_cancelled() {
            return Err(closing());
        }
        let unfinished = kept.iter().filter(|job| !job.is_over()).count();
        if unfinished >= self.rules.at_once + self.rules.max_waiting {
            return Err(UserError {
                what: format!("{unfinished} {} are waiting already.", self.rules.plural),
                cause: self.rules.crowded.into(),
                next: "wait for some to end, or stop them".into(),
            });
        }
        let stop = self.closing.child_token();
        let job = Arc::new(make(Ticket { id, stop }));
        kept.push(job.clone());
        evict(&mut kept, self.rules.keep);
        Ok(job)
    }

    /// Carries out an accepted job when its turn comes; without one, `work` only says that it
    /// was stopped while it waited.
    pub(crate) fn carry_out<W>(
        &self,
        job: &Arc<J>,
        work: impl FnOnce(Option<Turn>) -> W + Send + 'static,
    ) where
        W: Future<Output = ()> + Send,
    {
        let job = job.clone();
        let (kept, keep) = (self.kept.clone(), self.rules.keep);
        // Here, not in the task: who came first stands first.
        let place = self.turns.line_up(self.party);
        self.tracker.spawn(async move {
            if place.is_waiting() {
                job.waits();
            }
            let turn = tokio::select! {
                biased;
                () = job.ticket().stop.cancelled() => None,
                turn = place.turn() => turn.map(Arc::new),
            };
            work(turn.clone()).await;
            // Room is made before the next one begins.
            evict(
                &mut kept.lock().unwrap_or_else(PoisonError::into_inner),
                keep,
            );
            drop(turn);
        });
    }

    /// Runs `future`; [`Jobs::close`] waits for it, too.
    pub(crate) async fn track<T>(&self, future: impl Future<Output = T>) -> T {
        self.tracker.track_future(future).await
    }

    /// Runs `future` to its end, even when the caller is dropped meanwhile; [`Jobs::close`] waits
    /// for it.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, tokio::task::JoinError> {
        self.tracker.spawn(future).await
    }

    /// Is cancelled when all are to stop.
    pub(crate) fn stopped(&self) -> CancellationToken {
        self.closing.child_token()
    }

    /// The job of this id, while it is kept.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<J>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|job| job.ticket().id == id).cloned()
    }

    /// All jobs that are kept, newest first.
    pub(crate) fn list(&self) -> Vec<Arc<J>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }

    /// Stops every job and waits until each has cleaned up after itself.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Drops those that are over and that newer ones need the room of.
fn evict<J: Job>(kept: &mut Vec<Arc<J>>, keep: fn(&[Arc<J>]) -> Vec<bool>) {
    let mut stays = keep(kept).into_iter();
    kept.retain(|job| stays.next().unwrap_or(true) || !job.is_over());
}

/// Of jobs that are over, the oldest go while there are more than `most` in all.
pub(crate) fn newest<J: Job>(most: usize, jobs: &[Arc<J>]) -> Vec<bool> {
    let mut surplus = jobs.len().saturating_sub(most);
    let stays = jobs.iter().map(|job| {
        let goes = surplus > 0 && job.is_over();
        surplus -= usize::from(goes);
        !goes
    });
    stays.collect()
}

/// Why nothing is accepted or looked for any more.
pub(crate) fn closing() -> UserError {
    UserError {
        what: "The playground is being stopped.".into(),
        cause: "it was asked to end".into(),
        next: "start it again".into(),
    }
}

/// A name for a job: 12 hexadecimal digits.
///
/// # Errors
/// The operating system has no randomness.
pub(crate) fn new_id() -> Result<String, UserError> {
    engine::random_hex(6).map_err(|error| UserError {
        what: format!("No randomness for an id: {error}"),
        cause: "the operating system refuses it".into(),
        next: "restart the machine".into(),
    })
}

#[cfg(test)]
mod tests;
