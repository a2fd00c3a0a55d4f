//! The ledger: what the sources claim, how each claim is put to the test, and what follows from
//! what was measured.
//!
//! Owns `book/claims.toml` ([`Claims::load`]) and the verdicts ([`judge`]). Pure: refuses to know
//! how anything is measured, engines, terminals and pages.

mod measured;
mod read;
#[cfg(test)]
mod tests;
mod verdict;

pub use measured::{Measurements, Samples, shown};
pub use verdict::{Judged, Tested, Verdict, judge};

use serde::{Deserialize, Serialize};

/// Where the claims stand, from the project's root.
pub const CLAIMS: &str = "book/claims.toml";

/// All claims, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// In the order of the file.
    pub claims: Vec<Claim>,
}

/// A figure or statement that somebody published.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Two digits for the book's source documents, `H1` and so on for published headlines.
    pub id: String,
    /// What is claimed, in a short sentence of ours.
    pub title: String,
    /// Who claims it: letters of source documents, or names.
    pub source: Vec<String>,
    /// The claimed figure.
    pub claimed: String,
    /// The page about it: a path below `book/src`.
    pub page: String,
    /// What to keep from it, or its condition.
    pub note: Option<String>,
    /// What the book's prose takes for its verdict.
    #[serde(skip)]
    pub declared: Option<Verdict>,
    /// Where it begins in the file.
    #[serde(skip)]
    pub line: u32,
    /// How it is put to the test.
    pub basis: Basis,
}

/// How a claim is put to the test.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// All must pass for the claim to hold; some make it hold with conditions.
    Tests(Vec<Test>),
    /// It cannot be tested on a reader's machine.
    Untested {
        /// Why not.
        why: String,
        /// Where it could be.
        #[serde(rename = "where")]
        elsewhere: String,
    },
}

/// One thing that must be so if the claim is right.
#[derive(Clone, Debug, Serialize)]
pub struct Test {
    /// What it says, in a few words.
    pub title: String,
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// What must be so.
    pub asks: Asks,
}

/// What a test asks of a variant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// Whether doing what its lab declares supports the claim or contradicts it.
    Behaves(bool),
    /// A figure in a range.
    Figure(Figure),
}

/// A figure that must lie in a range.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The metric's id.
    pub metric: String,
    /// The lab and variant that it is compared with.
    pub against: Option<(String, String)>,
    /// What is made of the two.
    pub form: Form,
    /// The least, in the metric's unit or the form's.
    pub min: Option<f64>,
    /// The most.
    pub max: Option<f64>,
}

/// What is made of a measured value and the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The value itself.
    Value,
    /// How much more or less it is, in hundredths of the other.
    Percent,
    /// How many times the other.
    Ratio,
    /// How much more or less it is, in the metric's unit.
    Difference,
}

impl Claims {
    /// The labs and variants that the tests of these claims need.
    pub fn variants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.claims.iter().flat_map(Claim::variants)
    }
}

impl Claim {
    /// Its tests; none where it cannot be tested.
    pub fn tests(&self) -> &[Test] {
        match &self.basis {
            Basis::Tests(tests) => tests,
            Basis::Untested { .. } => &[],
        }
    }

    /// The labs and variants that its tests need, some more than once.
    pub fn variants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tests().iter().flat_map(|test| {
            let against = match &test.asks {
                Asks::Figure(figure) => figure.against.as_ref(),
                Asks::Behaves(_) => None,
            };
            let against = against.map(|(lab, variant)| (lab.as_str(), variant.as_str()));
            [(test.lab.as_str(), test.variant.as_str())]
                .into_iter()
                .chain(against)
        })
    }
}
