//! The weights, and what they say of a text.

use super::form::is_pasted;
use super::words::features;
use std::collections::{BTreeMap, BTreeSet};

/// The page of a text that no page is about.
pub const NONE: &str = "none";
/// Where a page's share of all that the text could be about is smaller, nothing is said. Held-out
/// texts tell what that comes to: `cargo test -p catalog --test reports`.
const ENOUGH: f64 = 0.6;
/// A text of fewer words and pairs says little, whatever they are: twenty words.
const SHORT: usize = 40;
/// Words that are named as those that decided.
const MAX_NAMED: usize = 4;
/// Words of less weight than the strongest divided by this decided nothing.
const WEAK: i32 = 3;
/// Weights are whole numbers of so many to one.
pub(super) const PARTS: f64 = 4.0;

/// What a word's weight is divided by: long texts have more words to speak for everything. Words that
/// nobody knows count, too, and so pull towards silence.
pub(super) fn length(features: &BTreeSet<String>) -> f64 {
    (features.len().max(SHORT) as f64).sqrt()
}

/// What one word says: for or against pages, by their places.
pub(super) type Weights = Vec<(usize, i16)>;

/// How much each word speaks for each page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// Their ids, in their order; [`NONE`] is one of them.
    pub(super) pages: Vec<String>,
    /// What speaks for each page before any word does.
    pub(super) bias: Vec<i16>,
    /// Words and pairs of words with the pages that they speak for or against, by place.
    pub(super) words: BTreeMap<String, Weights>,
}

/// What a text resembles.
#[derive(Clone, Debug, PartialEq)]
pub struct Resembles<'m> {
    /// The page that reports like this one were about.
    pub page: &'m str,
    /// Its share of all pages that the text could be about.
    pub share: f64,
    /// The words that decided, the strongest first.
    pub words: Vec<&'m str>,
}

impl Likeness {
    /// The page that the text resembles reports about; `None` where that is [`NONE`], or not clear, and
    /// where tools said the text: what patterns do not know of that is mostly something else. Held out,
    /// no guess at 94 pastes that patterns had left was right, four were wrong, and 13 answered one of
    /// 283 strangers.
    pub fn of(&self, text: &str) -> Option<Resembles<'_>> {
        if is_pasted(text) {
            return None;
        }
        self.nearest(text).filter(|found| found.share >= ENOUGH)
    }

    /// The same, however unclear it is.
    fn nearest(&self, text: &str) -> Option<Resembles<'_>> {
        if self.pages.is_empty() {
            return None;
        }
        let features = features(text);
        let length = length(&features);
        let known = self.known(&features);
        let mut scores: Vec<f64> = self.bias.iter().map(|bias| f64::from(*bias)).collect();
        for (page, weight) in known.iter().flat_map(|(_, weights)| weights.iter()) {
            scores[*page] += f64::from(*weight) / length;
        }
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))?;
        let odds = scores
            .iter()
            .map(|score| ((score - scores[best]) / PARTS).exp());
        let share = 1.0 / odds.sum::<f64>();
        (self.pages[best] != NONE).then(|| Resembles {
            page: &self.pages[best],
            share,
            words: self.deciding(&known, best),
        })
    }

    fn known(&self, features: &BTreeSet<String>) -> Vec<(&str, &[(usize, i16)])> {
        let known = features.iter().filter_map(|word| {
            let (word, weights) = self.words.get_key_value(word)?;
            Some((word.as_str(), weights.as_slice()))
        });
        known.collect()
    }

    /// What speaks for the page and against [`NONE`]; a word is not named beside its pair.
    fn deciding<'m>(&self, known: &[(&'m str, &[(usize, i16)])], page: usize) -> Vec<&'m str> {
        let none = self.pages.iter().position(|page| page == NONE);
        let of = |weights: &[(usize, i16)], page: usize| {
            let found = weights.iter().find(|(at, _)| *at == page);
            found.map_or(0, |(_, weight)| i32::from(*weight))
        };
        let speaks = |weights| of(weights, page) - none.map_or(0, |none| of(weights, none));
        let mut all: Vec<(i32, &str)> = known.iter().map(|(w, ws)| (speaks(ws), *w)).collect();
        all.retain(|(weight, _)| *weight > 0);
        all.sort_by_key(|(weight, word)| (-weight, *word));
        let least = all.first().map_or(0, |(weight, _)| weight / WEAK);
        let mut named: Vec<&str> = Vec::new();
        for (_, word) in all.into_iter().filter(|(weight, _)| *weight >= least) {
            let said = |one: &str| named.iter().any(|other| other.split(' ').any(|w| w == one));
            if !word.split(' ').any(said) {
                named.push(word);
            }
            if named.len() == MAX_NAMED {
                break;
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness() -> Likeness {
        let row = |word: &str, weights: &[(usize, i16)]| (word.to_owned(), weights.to_vec());
        Likeness {
            pages: vec!["clock".into(), NONE.into(), "signals".into()],
            bias: vec![0, 8, 0],
            words: [
                row("hours", &[(0, 60), (1, -10)]),
                row("hours behind", &[(0, 80)]),
                row("stop", &[(2, 60)]),
                row("the", &[(0, 1), (2, -1)]),
            ]
            .into(),
        }
    }

    #[test]
    fn a_page_is_named_with_the_words_that_decided() {
        let likeness = likeness();
        let resembles = likeness
            .of("It is two hours behind the world")
            .expect("one");
        assert_eq!(resembles.page, "clock");
        assert_eq!(resembles.words, ["hours behind"]);
    }

    #[test]
    fn nothing_is_said_where_nothing_or_too_much_speaks() {
        let likeness = likeness();
        for text in [
            "",
            "what others say",
            "the",
            "stop it in two hours",
            "stop hours",
            // A tool's line is no description.
            "Error: hours behind",
        ] {
            assert_eq!(likeness.of(text), None, "{text}");
        }
        assert_eq!(Likeness::default().of("hours behind"), None);
    }
}
