//! How often somebody may do something: a bucket of tokens for each who asks.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Buckets that are remembered; full ones are forgotten first, since they are as good as new.
const MAX_BUCKETS: usize = 4096;

/// So many at once, and then so many per second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// What a bucket holds.
    pub(super) burst: f64,
    /// What flows in.
    pub(super) per_second: f64,
}

/// A bucket for each who asks.
#[derive(Debug)]
pub(super) struct Paces<K> {
    pace: Pace,
    buckets: Mutex<HashMap<K, (f64, Instant)>>,
}

impl<K: Eq + Hash> Paces<K> {
    pub(super) fn new(pace: Pace) -> Paces<K> {
        Paces {
            pace,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// There is none; how long until there is.
    pub(super) fn take(&self, who: K, now: Instant) -> Result<(), Duration> {
        let Pace { burst, per_second } = self.pace;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let level = |(tokens, at): (f64, Instant)| {
            let flown = now.saturating_duration_since(at).as_secs_f64() * per_second;
            (tokens + flown).min(burst)
        };
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&who) {
            buckets.retain(|_, bucket| level(*bucket) < burst);
            if buckets.len() >= MAX_BUCKETS {
                return Err(Duration::from_secs(1));
            }
        }
        let bucket = buckets.entry(who).or_insert((burst, now));
        let tokens = level(*bucket);
        if tokens < 1.0 {
            *bucket = (tokens, now);
            return Err(Duration::from_secs_f64((1.0 - tokens) / per_second));
        }
        *bucket = (tokens - 1.0, now);
        Ok(())
    }

    /// Gives one back that was not used up.
    pub(super) fn give_back(&self, who: &K) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((tokens, _)) = buckets.get_mut(who) {
            *tokens = (*tokens + 1.0).min(self.pace.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_runs_dry_for_its_owner_alone_and_fills_again() {
        let paces = Paces::new(Pace {
            burst: 3.0,
            per_second: 0.5,
        });
        let begin = Instant::now();
        for _ in 0..3 {
            assert_eq!(paces.take("a", begin), Ok(()));
        }
        let wait = paces.take("a", begin).expect_err("it is empty");
        assert_eq!(wait, Duration::from_secs(2));
        assert_eq!(paces.take("b", begin), Ok(()));
        assert_eq!(paces.take("a", begin + wait), Ok(()));
        assert!(paces.take("a", begin + wait).is_err());
        paces.give_back(&"a");
        assert_eq!(paces.take("a", begin + wait), Ok(()));
    }

    #[test]
    fn many_who_ask_once_do_not_fill_the_memory() {
        let paces = Paces::new(Pace {
            burst: 2.0,
            per_second: 1.0,
        });
        let begin = Instant::now();
        for who in 0..2 * MAX_BUCKETS {
            // Whether it is let in does not matter here.
            let _ = paces.take(who, begin);
        }
        assert!(paces.buckets.lock().expect("not poisoned").len() <= MAX_BUCKETS);
        let later = begin + Duration::from_secs(5);
        assert_eq!(paces.take(usize::MAX, later), Ok(()), "full ones make room");
    }
}
