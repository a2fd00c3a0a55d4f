//! Learning: logistic regression over the words of labelled texts, in passes that adapt each weight's
//! step to how much it moved. The same lessons make the same weights on every machine: lessons are
//! taken in an order of their own, and no function of the system's mathematics library is asked.

use super::model::{Likeness, PARTS, length};
use super::words::features;
use std::collections::{BTreeMap, BTreeSet};

/// Passes over all lessons, and how many of them go by before weights are averaged: where the last
/// lessons of a pass leave them is chance.
const PASSES: usize = 15;
const FIRST_PASSES: usize = 5;
/// The size of a weight's first step.
const RATE: f64 = 0.5;
/// Words of fewer lessons are somebody's own.
const MIN_LESSONS: usize = 2;
/// Words of more than one lesson in so many say nothing by themselves; their pairs do.
const COMMON: usize = 10;
/// What counts as a word that every text has.
const BIAS: f64 = 0.3;
/// Smaller weights are left out; a tenth of all stays at most, and says the same.
const MIN_WEIGHT: f64 = 2.0;
/// A page that is this little wrong teaches nothing.
const MIN_STEP: f64 = 1e-5;

/// A text and the page that it is about, or [`NONE`](super::NONE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What somebody wrote.
    pub text: String,
    /// The page's lab.
    pub page: String,
}

/// A lesson by places: of its words, each as heavy as the text is short, and of its page.
struct Read {
    words: Vec<usize>,
    weight: f64,
    page: usize,
}

/// A weight for each word and page, in rows by word; the last row is the bias.
struct Weights {
    pages: usize,
    now: Vec<f64>,
    moved: Vec<f64>,
    /// What they were after each pass that counts, summed.
    noted: Vec<f64>,
}

impl Likeness {
    /// Weights that tell these lessons apart.
    pub fn learn(lessons: &[Lesson]) -> Likeness {
        let texts: Vec<BTreeSet<String>> = lessons.iter().map(|l| features(&l.text)).collect();
        let mut lessons_with: BTreeMap<&str, usize> = BTreeMap::new();
        for word in texts.iter().flatten() {
            *lessons_with.entry(word).or_default() += 1;
        }
        let most = lessons.len().div_ceil(COMMON).max(MIN_LESSONS);
        lessons_with.retain(|_, lessons| (MIN_LESSONS..=most).contains(lessons));
        let words: Vec<&str> = lessons_with.into_keys().collect();
        let pages: BTreeSet<&str> = lessons.iter().map(|l| l.page.as_str()).collect();
        let pages: Vec<&str> = pages.into_iter().collect();
        let read = texts.iter().zip(lessons).map(|(text, lesson)| {
            let places = text
                .iter()
                .filter_map(|word| words.binary_search(&word.as_str()).ok());
            let places: Vec<usize> = places.collect();
            Read {
                weight: 1.0 / length(text),
                words: places,
                page: pages.partition_point(|page| *page < lesson.page.as_str()),
            }
        });
        let read: Vec<Read> = read.collect();
        let mut weights = Weights::new(words.len(), pages.len());
        let mut order: Vec<usize> = (0..read.len()).collect();
        let mut dice = 1;
        for pass in 0..PASSES {
            shuffle(&mut order, &mut dice);
            for lesson in &order {
                weights.learn(&read[*lesson]);
            }
            if pass >= FIRST_PASSES {
                weights.note();
            }
        }
        weights.likeness(&words, &pages)
    }
}

impl Weights {
    fn new(words: usize, pages: usize) -> Weights {
        Weights {
            pages,
            now: vec![0.0; (words + 1) * pages],
            moved: vec![1e-6; (words + 1) * pages],
            noted: vec![0.0; (words + 1) * pages],
        }
    }

    fn bias(&self) -> usize {
        self.now.len() - self.pages
    }

    /// Moves the weights of the lesson's words towards its page.
    fn learn(&mut self, lesson: &Read) {
        let bias = self.bias();
        let rows = lesson
            .words
            .iter()
            .map(|word| (word * self.pages, lesson.weight));
        let rows: Vec<(usize, f64)> = rows.chain([(bias, BIAS)]).collect();
        let mut shares = vec![0.0; self.pages];
        for (row, heavy) in &rows {
            let weights = &self.now[*row..row + self.pages];
            for (share, weight) in shares.iter_mut().zip(weights) {
                *share += weight * heavy;
            }
        }
        let most = shares.iter().copied().fold(f64::MIN, f64::max);
        for share in &mut shares {
            *share = exp(*share - most);
        }
        let all: f64 = shares.iter().sum();
        for share in &mut shares {
            *share /= all;
        }
        shares[lesson.page] -= 1.0;
        for (row, heavy) in rows {
            let weights = &mut self.now[row..row + self.pages];
            let moved = &mut self.moved[row..row + self.pages];
            for ((weight, moved), wrong) in weights.iter_mut().zip(moved).zip(&shares) {
                let step = wrong * heavy;
                if step.abs() > MIN_STEP {
                    *moved += step * step;
                    *weight -= RATE * step / moved.sqrt();
                }
            }
        }
    }

    fn note(&mut self) {
        for (noted, now) in self.noted.iter_mut().zip(&self.now) {
            *noted += now;
        }
    }

    /// What is worth keeping. Only differences between pages count: what a word says of most pages
    /// is taken as nothing.
    fn likeness(&self, words: &[&str], pages: &[&str]) -> Likeness {
        let parts = |weight: f64| (weight * PARTS).round() as i16;
        let told = |row: usize| {
            let weights = &self.noted[row..row + self.pages];
            let mut sorted = weights.to_vec();
            sorted.sort_by(f64::total_cmp);
            let middle = sorted[self.pages / 2];
            let passes = (PASSES - FIRST_PASSES) as f64;
            let told = weights.iter().map(move |weight| (weight - middle) / passes);
            told.enumerate()
        };
        let kept = words.iter().enumerate().map(|(place, word)| {
            let kept = told(place * self.pages).filter(|(_, weight)| weight.abs() >= MIN_WEIGHT);
            let kept = kept.map(|(page, weight)| (page, parts(weight)));
            ((*word).to_owned(), kept.collect::<Vec<_>>())
        });
        Likeness {
            pages: pages.iter().map(|page| (*page).to_owned()).collect(),
            bias: match pages.is_empty() {
                true => Vec::new(),
                false => told(self.bias()).map(|(_, w)| parts(w * BIAS)).collect(),
            },
            words: kept.filter(|(_, kept)| !kept.is_empty()).collect(),
        }
    }
}

/// Another order, the same each time.
fn shuffle(order: &mut [usize], dice: &mut u64) {
    for last in (1..order.len()).rev() {
        *dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (*dice >> 33) as usize % (last + 1));
    }
}

/// e to a power that is not positive, from operations that are exact everywhere: systems' own differ
/// in the last place.
fn exp(power: f64) -> f64 {
    const HALVINGS: i32 = 10;
    if power < -700.0 {
        return 0.0;
    }
    let small = power / f64::from(1 << HALVINGS);
    let mut sum = 1.0;
    for term in (1..=8).rev() {
        sum = 1.0 + small / f64::from(term) * sum;
    }
    for _ in 0..HALVINGS {
        sum *= sum;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::likeness::NONE;

    fn lessons() -> Vec<Lesson> {
        let lesson = |(text, page): (&str, &str)| Lesson {
            text: text.into(),
            page: page.into(),
        };
        let told = [
            ("the clock is an hour behind", "clock"),
            ("logs are two hours behind ours", "clock"),
            ("our clock is in another zone", "clock"),
            ("docker stop takes ten seconds", "signals"),
            ("stop takes long", "signals"),
            ("signals do not arrive, so stop is slow", "signals"),
            ("our database is slow", NONE),
            ("it takes long to build", NONE),
            ("docker is another program", NONE),
        ];
        told.into_iter().map(lesson).collect()
    }

    #[test]
    fn lessons_are_learnt_and_generalised() {
        let likeness = Likeness::learn(&lessons());
        let page = |text: &str| likeness.of(text).map(|found| found.page.to_owned());
        for lesson in lessons() {
            let told = page(&lesson.text);
            assert!(
                told.is_none_or(|told| told == lesson.page),
                "{}",
                lesson.text
            );
        }
        let unseen = page("why is the clock two hours behind?");
        assert_eq!(unseen.as_deref(), Some("clock"));
        assert_eq!(page("nothing of all that"), None);
        assert_eq!(Likeness::learn(&lessons()), likeness, "each time the same");
    }

    #[test]
    fn nothing_is_learnt_from_nothing() {
        assert_eq!(Likeness::learn(&[]), Likeness::default());
    }

    #[test]
    fn powers_are_as_mathematics_has_them() {
        for power in [0.0, -1e-9, -0.5, -1.0, -20.0] {
            let (ours, theirs) = (exp(power), f64::exp(power));
            assert!((ours - theirs).abs() <= theirs * 1e-10, "{power}: {ours}");
        }
        assert_eq!(exp(-1e9), 0.0);
    }
}
