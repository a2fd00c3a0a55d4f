//! Times of two sides, measured in turn.

use std::time::Duration;

/// Times of both sides, in pairs.
#[derive(Default)]
pub(crate) struct Pairs(Vec<(Duration, Duration)>);

impl Pairs {
    pub(crate) fn push(&mut self, ours: Duration, cli: Duration) {
        self.0.push((ours, cli));
    }

    /// Our median.
    pub(crate) fn ours(&self) -> Duration {
        let mut ours: Vec<Duration> = self.0.iter().map(|pair| pair.0).collect();
        ours.sort();
        ours.get(ours.len() / 2).copied().unwrap_or_default()
    }

    /// Prints the medians; nothing where nothing was measured.
    pub(crate) fn print(&self, what: &str, aim: &str) {
        if self.0.is_empty() {
            return;
        }
        let median = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let ours = median(self.0.iter().map(|p| p.0.as_secs_f64()).collect());
        let cli = median(self.0.iter().map(|p| p.1.as_secs_f64()).collect());
        let ratio = median(
            self.0
                .iter()
                .map(|p| p.0.as_secs_f64() / p.1.as_secs_f64())
                .collect(),
        );
        println!(
            "{what}: ratio {ratio:.2} (aim {aim}); ours {ours:.3} s, theirs {cli:.3} s, {} pairs",
            self.0.len()
        );
    }
}
