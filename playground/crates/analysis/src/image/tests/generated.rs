//! Layers out of noise, read in two ways. The fuzz target `overlay` goes on where this ends.

use crate::image::testing::generated::{Step, layers};
use crate::image::testing::reference::held_to_reference;

/// Always the same numbers (xorshift), so that a failure can be met again.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    // Little of it is more often sound.
    let bytes = 8 + seed as usize % 40;
    std::iter::repeat_with(next).take(bytes).collect()
}

#[test]
fn layers_read_as_a_second_reading_has_them() {
    let said = (0..3000).filter(|seed| held_to_reference(&noise(*seed)));
    // Most noise means something that engines refuse; enough does not.
    let said = said.count();
    assert!(said > 150, "only {said} were held against each other");
}

#[test]
fn noise_makes_every_kind_of_entry() {
    let mut kinds = [0; 6];
    for step in (0..200).flat_map(|seed| layers(&noise(seed))).flatten() {
        kinds[match step {
            Step::File(..) => 0,
            Step::Dir(..) => 1,
            Step::Link(..) => 2,
            Step::Hard(..) => 3,
            Step::Whiteout(_) => 4,
            Step::Opaque(_) => 5,
        }] += 1;
    }
    assert!(kinds.iter().all(|count| *count > 20), "{kinds:?}");
}
