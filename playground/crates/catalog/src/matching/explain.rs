//! What labs have to say about a text.

use crate::lab::{Fragment, Lab, Stranger, Symptom};
use crate::matching::alike::Alike;
use crate::matching::answer::{Answer, By, Found};
use crate::matching::cues::Vocabulary;
use crate::matching::pasted::{Confidence, Hit, Pasted};
use regex::Regex;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The labs that know a text; none where it is not known here.
#[derive(Clone, Debug, Default)]
pub struct Explanation<'c> {
    /// The one that says most about it first; equals in the catalog's order. Causes that are
    /// known to be the less likely ones stand behind.
    pub matches: Vec<Match<'c>>,
    /// Where no lab knows it: what is missing, if that can be told.
    pub fragment: Option<&'c Fragment>,
    /// Where neither is there: the lab that others' reports were about which this text resembles.
    pub alike: Option<Alike<'c>>,
    /// Whether it names a cause that is none of the book's.
    pub stranger: bool,
}

/// What the book knows of messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'c> {
    /// Their symptoms.
    pub(crate) labs: &'c [Lab],
    /// What says too little.
    pub(crate) fragments: &'c [Fragment],
    /// What says that the cause is none of the book's.
    pub(crate) strangers: &'c [Stranger],
}

/// A lab that knows a text.
#[derive(Clone, Copy, Debug)]
pub struct Match<'c> {
    /// The lab.
    pub lab: &'c Lab,
    /// Of its symptoms, the one that says most about the text.
    pub symptom: &'c Symptom,
    /// Where it was found.
    pub hit: Hit,
}

/// Holds every symptom of every lab against the text. Nothing is guessed: a lab is named
/// because a message it declares is there. Where the text names a cause that is none of the book's,
/// what is only likely is not told.
pub(crate) fn explain<'c>(
    known: &Known<'c>,
    vocabulary: &Vocabulary,
    text: &str,
) -> Explanation<'c> {
    let pasted = Pasted::new(text);
    let told = vocabulary.told(pasted.lines());
    let hit = |symptom: &Symptom, elsewhere: &[&Regex]| match (&symptom.pattern, &symptom.telling) {
        (Some(pattern), _) => {
            let unless: Vec<&Regex> = symptom
                .unless
                .iter()
                .chain(elsewhere.iter().copied())
                .collect();
            pasted.find_unless(pattern, &unless)
        }
        (None, telling) => Some(Hit {
            length: told.find(telling.as_ref()?)?,
            confidence: Confidence::Likely,
        }),
    };
    // Labs that any of the symptoms puts behind itself.
    let mut behind: BTreeSet<&str> = BTreeSet::new();
    let best = |lab: &'c Lab| {
        let elsewhere = known.strangers.iter().filter(|s| s.labs.contains(&lab.id));
        let elsewhere: Vec<&Regex> = elsewhere.map(|stranger| &stranger.pattern).collect();
        let found = lab.symptoms.iter().filter_map(|symptom| {
            let hit = hit(symptom, &elsewhere)?;
            behind.extend(symptom.before.iter().map(String::as_str));
            Some(Match { lab, symptom, hit })
        });
        found.min_by_key(Match::rank)
    };
    let mut matches: Vec<Match<'c>> = known.labs.iter().filter_map(best).collect();
    matches.sort_by_key(|found| (behind.contains(found.lab.id.as_str()), found.rank()));
    let says = |stranger: &Stranger| {
        stranger.labs.is_empty() && pasted.find(&stranger.pattern, None).is_some()
    };
    let stranger =
        matches.iter().all(|found| found.symptom.is_weak()) && known.strangers.iter().any(says);
    if stranger {
        matches.clear();
    }
    let fragment = match matches.is_empty() && !stranger {
        true => fragment_of(known.fragments, &pasted),
        false => None,
    };
    Explanation {
        matches,
        fragment,
        alike: None,
        stranger,
    }
}

/// A text with more lines says enough to be judged by itself.
const MAX_FRAGMENT_LINES: usize = 3;

fn fragment_of<'f>(fragments: &'f [Fragment], pasted: &Pasted) -> Option<&'f Fragment> {
    let lines = pasted.lines();
    if lines.len() > MAX_FRAGMENT_LINES {
        return None;
    }
    let said = |fragment: &&Fragment| lines.iter().any(|line| fragment.pattern.is_match(line));
    fragments.iter().find(said)
}

impl Match<'_> {
    /// The smaller, the likelier.
    fn rank(&self) -> (bool, bool, Reverse<usize>) {
        let told = self.symptom.telling.is_some();
        (self.symptom.second, told, Reverse(self.hit.length))
    }
}

impl Symptom {
    /// Whether something else in the text may say better what it is about.
    fn is_weak(&self) -> bool {
        self.second || self.telling.is_some()
    }
}

impl Explanation<'_> {
    /// With the page of each lab, by the lab's id.
    pub fn answer(&self, query: &str, pages: &BTreeMap<String, String>) -> Answer {
        let found = self.matches.iter().map(|found| Found {
            lab: found.lab.id.clone(),
            title: found.lab.title.clone(),
            page: pages.get(&found.lab.id).cloned(),
            confidence: found.hit.confidence,
            by: match found.symptom.telling {
                Some(_) => By::Description,
                None => By::Message,
            },
            words: Vec::new(),
            says: found.symptom.says.clone(),
            example: found.symptom.example.clone(),
            tell: found.symptom.tell.clone(),
        });
        let alike = self.alike.iter().map(|alike| alike.found(pages));
        Answer {
            query: query.to_owned(),
            known: !self.matches.is_empty(),
            matches: found.chain(alike).collect(),
            ask: self.fragment.map(|fragment| fragment.ask.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pasted::{MAX_COMPARED, MAX_TEXTS};
    use super::*;
    use crate::lab::Kind;
    use proptest::prelude::*;
    use regex::RegexBuilder;

    fn lab(id: &str, patterns: &[&str]) -> Lab {
        let symptoms = patterns.iter().map(|pattern| {
            let regex = RegexBuilder::new(pattern).case_insensitive(true).build();
            Symptom {
                pattern: Some(regex.expect("a pattern")),
                telling: None,
                unless: None,
                tell: None,
                second: false,
                before: Vec::new(),
                example: format!("an example of {id}"),
                says: format!("what {pattern} means"),
            }
        });
        Lab {
            id: id.to_owned(),
            kind: Kind::Failure,
            title: format!("Title of {id}"),
            summary: String::new(),
            stage: None,
            sources: Vec::new(),
            peers: Vec::new(),
            symptoms: symptoms.collect(),
            ballast: Vec::new(),
            metrics: Vec::new(),
            unpinned: false,
            variants: Vec::new(),
            dir: std::path::PathBuf::new(),
        }
    }

    fn all_labs() -> Vec<Lab> {
        vec![
            lab("missing-libc", &[r"exec /\S+: no such file or directory"]),
            lab(
                "no-shell-cmd",
                &[r#"exec: "(/bin/)?sh": (stat \S+: no such file|executable file not found)"#],
            ),
            lab(
                "no-shell-exec",
                &[r#"OCI runtime exec failed: .*exec: "sh": executable file not found"#],
            ),
            lab("pid1", &["exited with code 137", r"stop takes (ten|10) s"]),
            lab("pie-dynamic", &[r"exec /\S+: no such file or directory"]),
            lab("silent-utc", &["time is one hour off"]),
        ]
    }

    fn labs(text: &str) -> Vec<String> {
        let known = all_labs();
        let known = Known {
            labs: &known,
            ..Known::default()
        };
        let found = explain(&known, &Vocabulary::default(), text);
        found.matches.iter().map(|m| m.lab.id.clone()).collect()
    }

    #[test]
    fn labs_that_share_a_message_are_all_named_in_their_order() {
        assert_eq!(
            labs("app-1  | exec /app: no such file or directory\napp-1 exited with code 1"),
            ["missing-libc", "pie-dynamic"]
        );
    }

    #[test]
    fn the_lab_that_says_most_comes_first() {
        let text = "OCI runtime exec failed: exec failed: unable to start container process: \
                    exec: \"sh\": executable file not found in $PATH: unknown";
        assert_eq!(labs(text), ["no-shell-exec", "no-shell-cmd"]);
        let text = text.replace("OCI runtime exec failed", "failed to create shim task");
        assert_eq!(labs(&text), ["no-shell-cmd"]);
    }

    #[test]
    fn words_of_people_are_known_whatever_their_case() {
        assert_eq!(
            labs("Why is it that the TIME is\none hour off?"),
            ["silent-utc"]
        );
        assert_eq!(labs("docker stop takes ten seconds"), ["pid1"]);
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        for text in [
            "",
            " \n ",
            "no such file or directory",
            "exec",
            "exited with code 1",
            "the time is up; one hour is off",
            ".*",
            "(?i)exec /\\S+",
        ] {
            assert_eq!(labs(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn what_is_only_likely_is_not_told_of_a_text_that_names_another_cause() {
        let mut labs = all_labs();
        labs[3].symptoms[0].second = true;
        let pattern = Regex::new("Cannot find module").expect("a pattern");
        let strangers = [Stranger {
            pattern,
            labs: Vec::new(),
        }];
        let known = Known {
            labs: &labs,
            strangers: &strangers,
            ..Known::default()
        };
        let told = |text: &str| {
            let found = explain(&known, &Vocabulary::default(), text);
            let first = found.matches.first().map(|found| found.lab.id.clone());
            (first, found.stranger)
        };
        let cause = "app-1  | Error: Cannot find module '/app/main.js'\n";
        let likely = "app-1 exited with code 137";
        assert_eq!(told(likely), (Some("pid1".into()), false));
        assert_eq!(told(&format!("{cause}{likely}")), (None, true));
        let sure = "exec /app: no such file or directory";
        let libc = Some("missing-libc".into());
        assert_eq!(told(&format!("{cause}{sure}")), (libc, false));
    }

    #[test]
    fn what_happened_elsewhere_is_not_told_by_the_labs_that_it_is_no_matter_of() {
        let labs = all_labs();
        let pattern = Regex::new("/Users/").expect("a pattern");
        let strangers = [Stranger {
            pattern,
            labs: vec!["missing-libc".into()],
        }];
        let known = Known {
            labs: &labs,
            strangers: &strangers,
            ..Known::default()
        };
        let told = |text: &str| {
            let found = explain(&known, &Vocabulary::default(), text);
            let labs = found.matches.iter().map(|found| found.lab.id.clone());
            labs.collect::<Vec<_>>()
        };
        let here = "exec /app: no such file or directory";
        let elsewhere = "exec /Users/me/app: no such file or directory";
        assert_eq!(told(elsewhere), ["pie-dynamic"]);
        assert_eq!(
            told(&format!("{elsewhere}\n\n{here}")),
            ["pie-dynamic", "missing-libc"]
        );
    }

    #[test]
    fn an_answer_names_pages_where_there_are_any() {
        let known = all_labs();
        let pages = [("pie-dynamic".to_owned(), "museum/pie.html".to_owned())].into();
        let query = "exec /app: no such file or directory";
        let known = Known {
            labs: &known,
            ..Known::default()
        };
        let explained = explain(&known, &Vocabulary::default(), query);
        let answer = explained.answer(query, &pages);
        assert!(answer.known && answer.query == query);
        assert_eq!(answer.matches[0].page, None);
        assert_eq!(answer.matches[1].page.as_deref(), Some("museum/pie.html"));
        assert_eq!(answer.matches[1].example, "an example of pie-dynamic");
        let explained = explain(&known, &Vocabulary::default(), "hello");
        let answer = explained.answer("hello", &pages);
        assert!(!answer.known && answer.matches.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is pasted: no panic, and patterns are held against a bounded amount of
        /// text, each in time linear in it.
        #[test]
        fn any_text_is_answered_at_once(
            pieces in prop::collection::vec(
                prop_oneof![
                    any::<String>(),
                    prop::string::string_regex("[\\x00-\\x7f]{0,200}").expect("a pattern"),
                    Just("exec /app: no such file or directory".to_owned()),
                    Just("\\\"\\n\\u0000\\ud83d".to_owned()),
                    Just("\u{1b}[".to_owned()),
                    Just("2024-05-01T12:00:00Z | ".to_owned()),
                    Just("\n".repeat(500)),
                ],
                0..60,
            ),
        ) {
            let text = pieces.concat();
            let known = all_labs();
            let (texts, bytes) = Pasted::new(&text).compared();
            prop_assert!(texts <= MAX_TEXTS, "{} texts", texts);
            prop_assert!(bytes <= MAX_COMPARED, "{} bytes", bytes);
            let book = Known { labs: &known, ..Known::default() };
            let found = explain(&book, &Vocabulary::default(), &text).matches;
            prop_assert!(found.len() <= known.len());
        }
    }
}
