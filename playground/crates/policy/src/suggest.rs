//! "Did you mean": the known name closest to one that is not known.
//!
//! Distances are Levenshtein's, with a swap of neighbours counted as one slip.

use strsim::osa_distance;

/// The candidate that a slip of the fingers turns into `name`, if there is one.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            (
                osa_distance(&name.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        // Of equally near ones, the one that only goes on further.
        .min_by_key(|(distance, candidate)| (*distance, !candidate.starts_with(name)))
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or what else there is; none where there is nothing.
pub fn known<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
    listing: &str,
) -> Option<String> {
    if let Some(near) = nearest(name, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<_> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
    (!all.is_empty()).then(|| format!("{listing} {}", all.join(", ")))
}

/// The same as the end of a sentence: after a semicolon, or nothing.
pub fn hint<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
    listing: &str,
) -> String {
    known(name, candidates, listing).map_or_else(String::new, |known| format!("; {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let labs = [
            "stage-1",
            "stage-5a",
            "missing-libc",
            "x509",
            "unknown-time-zone",
        ];
        let cases = [
            ("stage-5", Some("stage-5a")),
            ("misssing-libc", Some("missing-libc")),
            ("x590", Some("x509")),
            ("X509", Some("x509")),
            ("unknown-timezone", Some("unknown-time-zone")),
            ("kubernetes", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, labs), expected, "{name}");
        }
    }

    #[test]
    fn without_a_near_miss_the_choices_are_listed() {
        assert_eq!(
            hint("x", ["stage", "failure"], "known are"),
            "; known are `stage`, `failure`"
        );
        assert_eq!(hint("x", [], "known are"), "");
    }
}
