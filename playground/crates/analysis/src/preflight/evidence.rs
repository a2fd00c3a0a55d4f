//! Evidence as several rules show it.

use crate::image::notable::InLayer;

/// Paths that a finding about a kind of file names.
const MAX_PATHS: usize = 12;

/// The first `most` of these, and how many there are besides.
pub(super) fn first(mut shown: Vec<String>, most: usize) -> Vec<String> {
    let more = shown.len().saturating_sub(most);
    shown.truncate(most);
    shown.extend((more > 0).then(|| format!("and {more} more")));
    shown
}

/// The paths that a finding about such files names; `None` where there are none.
pub(super) fn named(paths: Vec<String>) -> Option<Vec<String>> {
    (!paths.is_empty()).then(|| first(paths, MAX_PATHS))
}

/// What is said behind something in a layer that a container does not see.
pub(super) fn hidden<T>(thing: &InLayer<T>) -> &'static str {
    match thing.visible {
        true => "",
        false => ", hidden by a later layer",
    }
}
