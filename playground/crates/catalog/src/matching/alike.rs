//! What a text resembles, as an answer: marked for what it is, with the command that decides.

use crate::lab::Lab;
use crate::matching::answer::{By, Found};
use crate::matching::pasted::Confidence;
use std::collections::BTreeMap;

/// A lab that reports were about which a text resembles.
#[derive(Clone, Debug)]
pub struct Alike<'c> {
    /// The lab.
    pub lab: &'c Lab,
    /// The words that decided, the strongest first.
    pub words: Vec<&'c str>,
}

impl<'c> Alike<'c> {
    /// The lab of this id, where there is one.
    pub(crate) fn of(id: &str, words: Vec<&'c str>, labs: &'c [Lab]) -> Option<Alike<'c>> {
        let lab = labs.iter().find(|lab| lab.id == id)?;
        Some(Alike { lab, words })
    }

    /// As it leaves the process: no symptom was found, so none is claimed.
    pub(super) fn found(&self, pages: &BTreeMap<String, String>) -> Found {
        let symptoms = &self.lab.symptoms;
        let tell = symptoms.iter().find_map(|symptom| symptom.tell.clone());
        let words: Vec<String> = self.words.iter().map(|word| (*word).to_owned()).collect();
        Found {
            lab: self.lab.id.clone(),
            title: self.lab.title.clone(),
            page: pages.get(&self.lab.id).cloned(),
            confidence: Confidence::Likely,
            by: By::Likeness,
            says: format!(
                "By likeness: it resembles reports about this page, and nothing that the page \
                 knows stands in it. Words that decided: {}.",
                words.join(", ")
            ),
            words,
            example: symptoms
                .first()
                .map_or_else(String::new, |first| first.example.clone()),
            tell: Some(tell.unwrap_or_else(|| format!("playground run {}", self.lab.id))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::likeness::{Lesson, Likeness, NONE};
    use crate::tests::project::Project;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn what_nobody_knows_is_told_by_likeness_and_marked_as_that() {
        let mut catalog = Project::new().load();
        let lesson = |text: &str, page: &str| Lesson {
            text: text.into(),
            page: page.into(),
        };
        let lessons = [
            lesson("calls to our bank fail, the bundle is gone", "x509"),
            lesson("no bundle, so calls fail", "x509"),
            lesson("calls without a bundle", "x509"),
            lesson("the page is white", NONE),
            lesson("the page is slow and white", NONE),
        ];
        catalog.likeness = Likeness::learn(&lessons);
        let text = "why do calls fail without the bundle?";
        let answer = catalog.explain(text).answer(text, &BTreeMap::new());
        assert!(!answer.known, "it is a guess");
        let found = answer.guess().expect("a guess");
        assert_eq!((found.lab.as_str(), answer.matches.len()), ("x509", 1));
        assert_eq!(found.tell.as_deref(), Some("playground run x509"));
        assert!(!found.words.is_empty() && found.says.contains(&found.words.join(", ")));
        assert!(found.says.starts_with("By likeness"), "{}", found.says);
        let told = serde_json::to_value(found).expect("JSON");
        assert_eq!(
            (&told["by"], &told["confidence"]),
            (&json!("likeness"), &json!("likely"))
        );
        // What is known is no guess, what a run says is never guessed at.
        let known = format!("{text} {}", catalog.labs[1].symptoms[0].example);
        assert!(catalog.explain(&known).alike.is_none());
        assert!(catalog.explain_output(text).alike.is_none());
        assert!(catalog.explain("the page is white").alike.is_none());
    }
}
