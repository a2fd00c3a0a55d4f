//! "Did you mean": the known name closest to one that is not known.

/// The candidate that a slip of the fingers turns into `name`, if there is one.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            (
                distance(&name.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        // Of equally near ones, the one that only goes on further.
        .min_by_key(|(distance, candidate)| (*distance, !candidate.starts_with(name)))
        .map(|(_, candidate)| candidate)
}

/// `; did you mean …?`, or what else there is, or nothing.
pub fn hint<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
    listing: &str,
) -> String {
    if let Some(near) = nearest(name, candidates.clone()) {
        return format!("; did you mean `{near}`?");
    }
    let all: Vec<_> = candidates.into_iter().map(|c| format!("`{c}`")).collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("; {listing} {}", all.join(", "))
    }
}

/// Levenshtein's, with a swap of neighbours counted as one slip.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                rows[i][j] = i + j;
                continue;
            }
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
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
