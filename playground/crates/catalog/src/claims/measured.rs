//! What was measured, and how a figure is written.

use crate::metric::Unit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was measured of the variants of labs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measurements {
    /// By lab, by variant.
    pub labs: BTreeMap<String, BTreeMap<String, Samples>>,
}

/// What was measured of a variant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Whether it did what its lab declares.
    pub behaves: bool,
    /// The telling line of what was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why nothing can be said of it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Timed rounds so far.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rounds: u32,
    /// By metric: one value where it is exact, else one a round, from the first on; `null` for a
    /// round that has none.
    pub metrics: BTreeMap<String, Vec<Option<f64>>>,
    /// The images that the rounds made, one each, by a hash of their layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub builds: Vec<String>,
    /// Names the run that the rounds are of, where the store knows it: only rounds of one run
    /// were made in turns.
    #[serde(skip)]
    pub run: String,
}

fn is_zero(rounds: &u32) -> bool {
    *rounds == 0
}

impl Measurements {
    /// What was measured of a variant.
    pub fn of(&self, lab: &str, variant: &str) -> Option<&Samples> {
        self.labs.get(lab)?.get(variant)
    }
}

impl Samples {
    /// What was measured of a metric; nothing where it was not measured.
    pub fn values(&self, metric: &str) -> Vec<f64> {
        self.by_round(metric).iter().copied().flatten().collect()
    }

    /// The same, round by round.
    pub fn by_round(&self, metric: &str) -> &[Option<f64>] {
        self.metrics.get(metric).map_or(&[], Vec::as_slice)
    }

    /// Adds what a round has measured, from 1; what rounds before it lack stays apart.
    pub fn add(&mut self, metric: &str, round: u32, value: f64) {
        let values = self.metrics.entry(metric.to_owned()).or_default();
        values.resize(round.saturating_sub(1) as usize, None);
        values.push(Some(value));
    }

    /// The median of a metric's rounds.
    pub fn median(&self, metric: &str) -> Option<f64> {
        quantile(&self.values(metric), 0.5)
    }
}

/// The value below which this share of the values lies, between neighbours in proportion.
pub(super) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().checked_sub(1)? as f64) * share;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// A figure as people write it: `5.87 MB`, `12.3 ms`, `29.4 %`.
pub fn shown(value: f64, unit: Unit) -> String {
    let size = value.abs();
    let scaled = |steps: &[(f64, &str)]| {
        let step = steps.iter().find(|(from, _)| size >= *from);
        let (factor, name) = step.or(steps.last()).copied().unwrap_or((1.0, ""));
        (
            value / if factor > 0.0 { factor } else { 1.0 },
            name.to_owned(),
        )
    };
    let (value, name) = match unit {
        Unit::Bytes => scaled(&[(1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (0.0, " bytes")]),
        Unit::Ns => scaled(&[(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (0.0, " ns")]),
        Unit::Us => scaled(&[(1e6, " s"), (1e3, " ms"), (0.0, " µs")]),
        Unit::Ms => scaled(&[(1e3, " s"), (0.0, " ms")]),
        Unit::S => (value, " s".into()),
        Unit::Percent => (value, " %".into()),
        Unit::Count => (value, String::new()),
        Unit::X => (value, " ×".into()),
    };
    let digits = match value.abs() {
        v if (v - v.round()).abs() < 1e-6 => 0,
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{:.digits$}{name}", value.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_with_three_digits_and_their_unit() {
        for (value, unit, text) in [
            (5_865_624.0, Unit::Bytes, "5.87 MB"),
            (318_000.0, Unit::Bytes, "318 kB"),
            (12.0, Unit::Bytes, "12 bytes"),
            (-1234.0, Unit::Bytes, "−1.23 kB"),
            (1530.4, Unit::Ms, "1.53 s"),
            (29.44, Unit::Percent, "29.4 %"),
            (2.0, Unit::Count, "2"),
            (0.84, Unit::X, "0.84 ×"),
            (0.0, Unit::Ms, "0 ms"),
        ] {
            assert_eq!(shown(value, unit), text);
        }
    }

    #[test]
    fn the_median_lies_in_the_middle_whatever_the_order() {
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[4.0, 1.0, 2.0, 3.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
