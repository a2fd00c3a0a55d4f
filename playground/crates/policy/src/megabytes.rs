//! Sizes in MB, the way that all of Empty Room writes them.

use std::fmt;

/// A number of bytes, shown in MB (10⁶): with three digits, as docker prints them, or with as many
/// after the point as the format says (`{:.2}`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Megabytes(
    /// Bytes.
    pub u64,
);

impl Megabytes {
    /// How many MB.
    #[must_use]
    pub fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
        let bytes = self.0 as f64;
        bytes / 1e6
    }
}

impl fmt::Display for Megabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value();
        let digits = f.precision().unwrap_or(match value {
            x if x >= 100.0 => 0,
            x if x >= 10.0 => 1,
            _ => 2,
        });
        write!(f, "{value:.digits$} MB")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_shown_or_as_many_as_are_asked_for() {
        for (bytes, shown) in [
            (0, "0.00 MB"),
            (9_124_000, "9.12 MB"),
            (10_000_000, "10.0 MB"),
            (99_900_000, "99.9 MB"),
            (846_400_000, "846 MB"),
        ] {
            assert_eq!(Megabytes(bytes).to_string(), shown);
        }
        let size = Megabytes(123_456_789);
        assert_eq!(format!("{size:.1} {size:.2}"), "123.5 MB 123.46 MB");
    }
}
