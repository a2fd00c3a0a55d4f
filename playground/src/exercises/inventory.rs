//! Answers to the inventory: kept, and what many of them tell about each question.
//!
//! Of each learner and sitting (before, after) the first answer to a question counts: whoever has
//! answered after the run has read why. Pure but for [`answered`]. Refuses to know HTTP and
//! terminals.

#[cfg(test)]
mod tests;

use super::progress::{Act, Detail, Progress, Verb, When};
use catalog::inventory::{Explanation, Inventory, Question};
use policy::UserError;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// With fewer learners a correlation tells nothing.
pub const MIN_LEARNERS: usize = 10;

/// What answers tell about one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemStats {
    /// The question's id.
    pub id: String,
    /// Answers from before.
    pub before: Sitting,
    /// Answers from after.
    pub after: Sitting,
    /// Learners who answered both times.
    pub both: usize,
    /// How much larger the share of right answers is after, among those; `None` without any.
    pub gain: Option<f64>,
}

/// Everybody's answers to one question at one time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sitting {
    /// Learners who answered.
    pub n: usize,
    /// How many of them were right.
    pub right: usize,
    /// The share of them; `None` without any.
    pub share: Option<f64>,
    /// Whether those who know the rest know this one.
    pub discrimination: Discrimination,
    /// The misconception that was met most, and how often; of equals, the first by name.
    pub belief: Option<(String, usize)>,
}

/// The point-biserial correlation of an answer with the share of right answers to all others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discrimination {
    /// From -1 to 1; about 0.2 and more is what a good question has.
    Told(f64),
    /// Fewer than ten learners answered this question and another.
    TooFew,
    /// All answered alike, or all know equally much of the rest.
    NoVariance,
}

/// Keeps an answer; returns what there is to tell about it, which is for after the run alone.
///
/// # Errors
/// It is no answer to this question, or it cannot be kept.
pub fn answered<'q>(
    progress: &Progress,
    question: &'q Question,
    answer: &str,
    when: When,
) -> Result<Explanation<'q>, UserError> {
    let explanation = question.explain(answer)?;
    let detail = Detail {
        answer: Some(answer.trim().to_owned()),
        right: Some(explanation.judgement.right),
        when: Some(when),
        ..Detail::default()
    };
    progress.record(Verb::Answered, &question.id, detail)?;
    Ok(explanation)
}

/// The questions that were answered, and when.
pub fn sittings(acts: &[Act]) -> BTreeSet<(&str, When)> {
    let answered = acts.iter().filter(|act| act.verb == Verb::Answered);
    answered
        .filter_map(|act| Some((act.object.as_str(), act.detail.when?)))
        .collect()
}

/// What the logs of learners tell about each question. Logs that share an act are one learner's.
pub fn stats(inventory: &Inventory, logs: &[Vec<Act>]) -> Vec<ItemStats> {
    let learners: Vec<First<'_>> = learners(logs).iter().map(|acts| first(acts)).collect();
    let questions = inventory.questions.iter();
    questions
        .map(|question| of_item(question, inventory, &learners))
        .collect()
}

/// A learner's first answers: whether right, and the words.
type First<'a> = BTreeMap<(&'a str, When), (bool, &'a str)>;

fn learners(logs: &[Vec<Act>]) -> Vec<Vec<&Act>> {
    let mut learners: Vec<BTreeMap<&str, &Act>> = Vec::new();
    for log in logs {
        let mut own: BTreeMap<&str, &Act> = log.iter().map(|act| (act.key.as_str(), act)).collect();
        let (same, others): (Vec<_>, Vec<_>) = learners
            .into_iter()
            .partition(|known| known.keys().any(|key| own.contains_key(key)));
        same.into_iter().for_each(|known| own.extend(known));
        learners = others;
        learners.push(own);
    }
    let in_order = learners.into_iter().map(|acts| {
        let mut acts: Vec<&Act> = acts.into_values().collect();
        acts.sort_by(|a, b| (&a.at, &a.key).cmp(&(&b.at, &b.key)));
        acts
    });
    in_order.collect()
}

fn first<'a>(acts: &[&'a Act]) -> First<'a> {
    let mut first = First::new();
    for act in acts.iter().filter(|act| act.verb == Verb::Answered) {
        if let (Some(when), Some(right)) = (act.detail.when, act.detail.right) {
            let words = act.detail.answer.as_deref().unwrap_or_default();
            first
                .entry((act.object.as_str(), when))
                .or_insert((right, words));
        }
    }
    first
}

fn of_item(question: &Question, inventory: &Inventory, learners: &[First<'_>]) -> ItemStats {
    let of = |learner: &First<'_>, when| learner.get(&(question.id.as_str(), when)).map(|a| a.0);
    let both: Vec<(bool, bool)> = learners
        .iter()
        .filter_map(|one| Some((of(one, When::Before)?, of(one, When::After)?)))
        .collect();
    let right = |which: fn(&(bool, bool)) -> bool| both.iter().filter(|one| which(one)).count();
    let gain = share(right(|one| one.1), both.len())
        .zip(share(right(|one| one.0), both.len()))
        .map(|(after, before)| after - before);
    ItemStats {
        id: question.id.clone(),
        before: sitting(question, inventory, learners, When::Before),
        after: sitting(question, inventory, learners, When::After),
        both: both.len(),
        gain,
    }
}

fn sitting(
    question: &Question,
    inventory: &Inventory,
    learners: &[First<'_>],
    when: When,
) -> Sitting {
    let (mut n, mut right) = (0, 0);
    let mut beliefs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for learner in learners {
        let Some((is_right, words)) = learner.get(&(question.id.as_str(), when)) else {
            continue;
        };
        n += 1;
        right += usize::from(*is_right);
        if let Ok(judged) = question.judge(words)
            && let Some(belief) = judged.belief
        {
            *beliefs.entry(belief).or_default() += 1;
        }
        let others = inventory
            .questions
            .iter()
            .filter(|one| one.id != question.id);
        let rest: Vec<bool> = others
            .filter_map(|one| Some(learner.get(&(one.id.as_str(), when))?.0))
            .collect();
        let known = rest.iter().filter(|right| **right).count();
        pairs.extend(share(known, rest.len()).map(|rest| (*is_right, rest)));
    }
    let most = beliefs.iter().rev().max_by_key(|(_, count)| **count);
    Sitting {
        n,
        right,
        share: share(right, n),
        discrimination: discrimination(&pairs),
        belief: most.map(|(belief, count)| ((*belief).to_owned(), *count)),
    }
}

fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| count(part) / count(of))
}

#[expect(clippy::cast_precision_loss, reason = "learners are few")]
fn count(of: usize) -> f64 {
    of as f64
}

/// `(mean of the right − mean of the others) / deviation · √(p q)`, over the population.
fn discrimination(pairs: &[(bool, f64)]) -> Discrimination {
    if pairs.len() < MIN_LEARNERS {
        return Discrimination::TooFew;
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / count(of.len());
    let of = |which: bool| -> Vec<f64> {
        let those = pairs.iter().filter(|(right, _)| *right == which);
        those.map(|(_, rest)| *rest).collect()
    };
    let (right, wrong) = (of(true), of(false));
    let all: Vec<f64> = pairs.iter().map(|(_, rest)| *rest).collect();
    let middle = mean(&all);
    let squares: Vec<f64> = all.iter().map(|rest| (rest - middle).powi(2)).collect();
    let deviation = mean(&squares).sqrt();
    if right.is_empty() || wrong.is_empty() || deviation < 1e-9 {
        return Discrimination::NoVariance;
    }
    let p = count(right.len()) / count(pairs.len());
    Discrimination::Told((mean(&right) - mean(&wrong)) / deviation * (p * (1.0 - p)).sqrt())
}
