//! What follows from what was measured: whether a claim holds.
//!
//! Comparisons of timings are made round by round, since rounds are interleaved: a slow minute of
//! the machine then meets both sides. A round that one of them lacks is left out. Where half of the rounds' comparisons straddle "no
//! difference", the difference lies inside the noise, and no claim of a difference passes.

use super::measured::{Measurements, Samples, quantile, shown};
use super::{Asks, Basis, Claim, Figure, Form, Test};
use crate::catalog::Catalog;
use crate::metric::{Metric, Unit};
use serde::{Deserialize, Serialize};

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All that it says is so.
    Holds,
    /// Some of what it says is so.
    HoldsWithConditions,
    /// Nothing of what it says is so.
    DoesNotHold,
    /// This machine cannot tell; the reason says why.
    NotTestedHere,
    /// Its experiments have not been run.
    NotRunYet,
}

impl Verdict {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::HoldsWithConditions => "holds with conditions",
            Verdict::DoesNotHold => "does not hold",
            Verdict::NotTestedHere => "not tested here",
            Verdict::NotRunYet => "not run yet",
        }
    }
}

/// A claim and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judged {
    /// The claim's id.
    pub claim: String,
    /// What is claimed, in a short sentence.
    pub title: String,
    /// Who claims it.
    pub source: Vec<String>,
    /// The claimed figure.
    pub claimed: String,
    /// What was measured instead; empty where nothing was.
    pub measured: String,
    /// What follows.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The page about it: a path below `book/src`.
    pub page: String,
    /// What to keep from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Each of its tests.
    pub tests: Vec<Tested>,
}

/// A test and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tested {
    /// What it says.
    pub title: String,
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// The metric's id; none where behaviour is asked for.
    pub metric: Option<String>,
    /// Whether it is so; `None` where that cannot be told.
    pub passed: Option<bool>,
    /// What was measured, or why nothing was.
    pub measured: String,
    /// What the claim asks for.
    pub asked: String,
    /// It has not been run, rather than that it cannot be.
    #[serde(skip)]
    unrun: bool,
}

/// Judges a claim by what was measured.
pub fn judge(claim: &Claim, catalog: &Catalog, measurements: &Measurements) -> Judged {
    let tests: Vec<Tested> = claim
        .tests()
        .iter()
        .map(|test| carry_out(test, catalog, measurements))
        .collect();
    let passed = tests
        .iter()
        .filter(|test| test.passed == Some(true))
        .count();
    let failed = tests
        .iter()
        .filter(|test| test.passed == Some(false))
        .count();
    let verdict = match (&claim.basis, passed, failed) {
        (Basis::Untested { .. }, ..) => Verdict::NotTestedHere,
        _ if tests.iter().any(|test| test.unrun) => Verdict::NotRunYet,
        // Decided, whatever the rest would say.
        (_, 1.., 1..) => Verdict::HoldsWithConditions,
        _ if passed + failed < tests.len() => Verdict::NotTestedHere,
        (_, _, 0) => Verdict::Holds,
        (_, 0, _) => Verdict::DoesNotHold,
    };
    let (measured, reason) = match &claim.basis {
        Basis::Untested { why, elsewhere } => (
            String::new(),
            format!("{why} It could be tested {elsewhere}"),
        ),
        Basis::Tests(_) => (
            words(&tests, |test| test.figure(tests.len() > 1)),
            words(&tests, Tested::sentence),
        ),
    };
    Judged {
        claim: claim.id.clone(),
        title: claim.title.clone(),
        source: claim.source.clone(),
        claimed: claim.claimed.clone(),
        measured,
        verdict,
        reason,
        page: claim.page.clone(),
        note: claim.note.clone(),
        tests,
    }
}

fn words(tests: &[Tested], word: impl Fn(&Tested) -> Option<String>) -> String {
    let all: Vec<String> = tests.iter().filter_map(word).collect();
    all.join("; ")
}

impl Tested {
    /// What was measured; with its title where that does not go without saying.
    fn figure(&self, one_of_several: bool) -> Option<String> {
        self.passed?;
        Some(match self.metric {
            Some(_) if !one_of_several => self.measured.clone(),
            _ => format!("{}: {}", self.title, self.measured),
        })
    }

    fn sentence(&self) -> Option<String> {
        let so = match self.passed {
            Some(true) => "as claimed",
            Some(false) => "not as claimed",
            None => "cannot be told here",
        };
        Some(match (&self.metric, self.passed) {
            (Some(_), Some(_)) => {
                let Tested {
                    title,
                    measured,
                    asked,
                    ..
                } = self;
                format!("{title}: {measured}, {so} (asked for: {asked})")
            }
            _ => format!("{}: {}, {so}", self.title, self.measured),
        })
    }
}

fn carry_out(test: &Test, catalog: &Catalog, measurements: &Measurements) -> Tested {
    let samples = measurements.of(&test.lab, &test.variant);
    let mut tested = Tested {
        title: test.title.clone(),
        lab: test.lab.clone(),
        variant: test.variant.clone(),
        metric: None,
        passed: None,
        measured: String::new(),
        asked: String::new(),
        unrun: false,
    };
    let Some(samples) = samples else {
        tested.unrun = true;
        tested.measured = "not run yet".into();
        return tested;
    };
    if let Some(why) = &samples.missing {
        tested.measured.clone_from(why);
        return tested;
    }
    match &test.asks {
        Asks::Behaves(supports) => {
            tested.passed = Some(samples.behaves == *supports);
            tested.asked = match supports {
                true => "what the lab declares".into(),
                false => "anything but what the lab declares".into(),
            };
            tested.measured = match (&samples.message, samples.behaves) {
                (Some(message), _) => format!("“{message}”"),
                (None, true) => "it does what its lab declares".into(),
                (None, false) => "it does not do what its lab declares".into(),
            };
        }
        Asks::Figure(figure) => {
            let metric = catalog.lab(&test.lab).ok();
            let metric = metric.and_then(|lab| lab.metric(&figure.metric));
            let unit = metric.as_ref().map_or(Unit::Count, |metric| metric.unit);
            tested.metric = Some(figure.metric.clone());
            tested.asked = range(figure, unit);
            measure(figure, metric.as_ref(), samples, measurements, &mut tested);
        }
    }
    tested
}

fn measure(
    figure: &Figure,
    metric: Option<&Metric>,
    samples: &Samples,
    measurements: &Measurements,
    tested: &mut Tested,
) {
    let unit = metric.map_or(Unit::Count, |metric| metric.unit);
    let timed = metric.is_some_and(|metric| metric.timed);
    let not_measured = |tested: &mut Tested, of: &str, known: Option<&Samples>| {
        // A quick run leaves timings out.
        tested.unrun = known.is_none_or(|known| timed && known.rounds == 0);
        tested.measured = format!("`{}` of {of} was not measured", figure.metric);
    };
    let too_few = |samples: &Samples| {
        metric.is_some_and(|metric| metric.compares_builds()) && samples.rounds < 2
    };
    let alone = "one build has none to be compared with; it takes two rounds";
    let own = samples.by_round(&figure.metric);
    if samples.rounds > 0 && too_few(samples) {
        tested.measured = alone.into();
        return;
    }
    if own.is_empty() {
        let name = format!("{}/{}", tested.lab, tested.variant);
        return not_measured(tested, &name, Some(samples));
    }
    let mut apart = false;
    let values: Vec<f64> = match &figure.against {
        None => own.iter().copied().flatten().collect(),
        Some((lab, variant)) => {
            let name = format!("{lab}/{variant}");
            let Some(other) = measurements.of(lab, variant) else {
                return not_measured(tested, &name, None);
            };
            if let Some(why) = &other.missing {
                tested.measured.clone_from(why);
                return;
            }
            if other.rounds > 0 && too_few(other) {
                tested.measured = alone.into();
                return;
            }
            let theirs = other.by_round(&figure.metric);
            if theirs.is_empty() {
                return not_measured(tested, &name, Some(other));
            }
            apart = timed && samples.run != other.run;
            compare(figure.form, own, theirs, apart)
        }
    };
    if values.is_empty() {
        tested.measured = format!("no round has `{}` of both", figure.metric);
        return;
    }
    if values.iter().any(|value| !value.is_finite()) {
        tested.measured = format!("`{}` of nothing is no measure for it", figure.metric);
        return;
    }
    let Some(value) = quantile(&values, 0.5) else {
        return;
    };
    let fits = |value: f64| {
        figure.min.is_none_or(|min| value >= min) && figure.max.is_none_or(|max| value <= max)
    };
    let nothing = figure.form.no_difference();
    let noise = values.len() > 2
        && nothing.is_some_and(|nothing| {
            let low = quantile(&values, 0.25).is_some_and(|low| low < nothing);
            low && quantile(&values, 0.75).is_some_and(|high| high > nothing)
        });
    let claims_a_difference = nothing.is_some_and(|nothing| !fits(nothing));
    tested.passed = Some(fits(value) && !(noise && claims_a_difference));
    tested.measured = figure.form.shown(value, unit);
    if values.len() > 1
        && let (Some(low), Some(high)) = (quantile(&values, 0.0), quantile(&values, 1.0))
        && low < high
    {
        let (low, high) = (figure.form.shown(low, unit), figure.form.shown(high, unit));
        tested.measured += &match apart {
            false => format!(" ({low} to {high} in {} rounds)", values.len()),
            true => format!(" ({low} to {high})"),
        };
    }
    if apart {
        tested.measured += ", measured in different runs";
    }
    if noise {
        tested.measured += ", inside the noise";
    }
}

/// Round by round where both are of one run; rounds of two runs have nothing in common, so that
/// there every one is held against every other.
fn compare(form: Form, own: &[Option<f64>], theirs: &[Option<f64>], apart: bool) -> Vec<f64> {
    let of = |(own, other): (&Option<f64>, &Option<f64>)| Some(form.of((*own)?, (*other)?));
    match apart {
        false => own.iter().zip(theirs).filter_map(of).collect(),
        true => {
            let all = own
                .iter()
                .flat_map(|own| theirs.iter().map(move |other| (own, other)));
            all.filter_map(of).collect()
        }
    }
}

/// The range that a claim asks for.
fn range(figure: &Figure, unit: Unit) -> String {
    let shown = |value| figure.form.shown(value, unit);
    match (figure.min, figure.max) {
        (Some(min), Some(max)) if min < max => format!("{} to {}", shown(min), shown(max)),
        (Some(min), None) => format!("at least {}", shown(min)),
        (_, Some(max)) if figure.min.is_none() => format!("at most {}", shown(max)),
        (Some(exactly), _) | (None, Some(exactly)) => shown(exactly),
        (None, None) => String::new(),
    }
}

impl Form {
    fn of(self, own: f64, other: f64) -> f64 {
        match self {
            Form::Value => own,
            Form::Percent => (own / other - 1.0) * 100.0,
            Form::Ratio => own / other,
            Form::Difference => own - other,
        }
    }

    /// The value that says that there is no difference.
    fn no_difference(self) -> Option<f64> {
        match self {
            Form::Value => None,
            Form::Percent | Form::Difference => Some(0.0),
            Form::Ratio => Some(1.0),
        }
    }

    fn shown(self, value: f64, unit: Unit) -> String {
        let sign = if value > 0.0 { "+" } else { "" };
        match self {
            Form::Value => shown(value, unit),
            Form::Percent => format!("{sign}{}", shown(value, Unit::Percent)),
            Form::Ratio => shown(value, Unit::X),
            Form::Difference => format!("{sign}{}", shown(value, unit)),
        }
    }
}
