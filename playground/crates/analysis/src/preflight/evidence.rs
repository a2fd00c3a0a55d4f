//! Evidence as several rules show it.

use crate::image::notable::InLayer;

/// The first `most` of these, and how many there are besides.
pub(super) fn first(mut shown: Vec<String>, most: usize) -> Vec<String> {
    let more = shown.len().saturating_sub(most);
    shown.truncate(most);
    shown.extend((more > 0).then(|| format!("and {more} more")));
    shown
}

/// What is said behind something in a layer that a container does not see.
pub(super) fn hidden<T>(thing: &InLayer<T>) -> &'static str {
    match thing.visible {
        true => "",
        false => ", hidden by a later layer",
    }
}
