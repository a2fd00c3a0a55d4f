//! Which X-rays stay, and which make room for newer ones.
//!
//! Owns the rule alone. Refuses to know what an X-ray is beyond how much it holds.

/// X-rays that are kept, however small; of those that found nothing, as many again.
const MAX_KEPT: usize = 8;
/// Entries of layers that all kept X-rays have together: golang:1.23 has 45 000, and each costs
/// about 200 bytes.
const MAX_ENTRIES: usize = 600_000;
/// The newest ones that are ready are kept however large they are: two are needed to compare.
const ALWAYS: usize = 2;

/// What an X-ray holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Nobody knows yet.
    Unfinished,
    /// So many entries.
    Ready(usize),
    /// Why it failed, or that it was stopped.
    Nothing,
}

/// Whether each of them stays; the newest stands last.
pub(super) fn stays(all: &[Weight]) -> Vec<bool> {
    let (mut ready, mut entries, mut nothing) = (0, 0_usize, 0);
    let stays = all.iter().rev().map(|weight| match weight {
        Weight::Unfinished => true,
        Weight::Ready(more) => {
            ready += 1;
            entries = entries.saturating_add(*more);
            ready <= ALWAYS || (ready <= MAX_KEPT && entries <= MAX_ENTRIES)
        }
        Weight::Nothing => {
            nothing += 1;
            nothing <= MAX_KEPT
        }
    });
    let mut stays: Vec<_> = stays.collect();
    stays.reverse();
    stays
}

#[cfg(test)]
mod tests {
    use super::Weight::*;
    use super::*;

    #[test]
    fn two_images_can_be_compared_however_large_they_are() {
        let huge = Ready(2_000_000);
        assert_eq!(stays(&[huge, huge]), [true, true]);
        assert_eq!(stays(&[huge, huge, huge]), [false, true, true]);
        assert_eq!(stays(&[Ready(1), huge, Ready(1)]), [false, true, true]);
        assert_eq!(stays(&[huge, Ready(1), Unfinished]), [true; 3]);
    }

    #[test]
    fn what_failed_or_was_stopped_takes_no_room_from_what_is_ready() {
        let mut all = vec![Ready(300_000), Ready(300_000)];
        all.extend([Nothing; 20]);
        let stay = stays(&all);
        assert_eq!(stay[..2], [true, true]);
        assert_eq!(stay.iter().filter(|stays| **stays).count(), 2 + MAX_KEPT);
        assert_eq!(stay.last(), Some(&true));
    }

    #[test]
    fn the_oldest_go_first_and_nothing_goes_that_is_under_way() {
        let small = [Ready(1); MAX_KEPT + 1];
        let stay = stays(&small);
        assert_eq!((stay[0], stay[1]), (false, true));
        let many = [Ready(200_000), Ready(200_000), Ready(200_000), Ready(1)];
        assert_eq!(stays(&many), [false, true, true, true]);
        assert_eq!(stays(&[Unfinished; 20]), [true; 20]);
        assert_eq!(stays(&[]), [false; 0]);
    }
}
