//! A lab's `[[symptom]]`: what somebody pastes who has this problem.

use crate::lab::{Kind, Symptom, Telling};
use crate::matching::{Pasted, Vocabulary, any_quote};
use crate::parse::cue::read_telling;
use crate::pattern::{Case, compile};
use crate::toml::reader::{At, Need};
use crate::toml::rules::repeated;
use crate::toml::table::{Table, compiled};
use regex::Regex;

/// Reads every `[[symptom]]` of a lab.
pub(crate) fn read_symptoms(
    root: &Table<'_>,
    kind: Option<Kind>,
    vocabulary: &Vocabulary,
) -> Vec<Symptom> {
    let tables = root.tables("symptom");
    match (kind, tables.first()) {
        (Some(Kind::Stage), Some(table)) => {
            table.report("a stage works, and has no [[symptom]]");
        }
        (Some(Kind::Failure), None) => {
            root.report("a failure lab needs a [[symptom]]: what does somebody paste who has it?");
        }
        _ => {}
    }
    let mut symptoms = Vec::new();
    let (mut patterns, mut examples) = (Vec::new(), Vec::new());
    for table in tables {
        let told = table.has("cues");
        let telling = read_telling(&table, vocabulary);
        let need = if told { Need::Optional } else { Need::Required };
        let pattern = table.text("pattern", need);
        if let (true, Some(pattern)) = (told, &pattern) {
            pattern.report("a symptom has a `pattern`, or `cues`, not both");
        }
        let example = table.text("example", Need::Required);
        let says = table.text("says", Need::Required);
        let pattern = pattern.and_then(|at| whatever_its_case("pattern", &at));
        let before = table.texts("before").into_iter();
        let before = before.map(|lab| lab.value).collect();
        let unless = table.text("unless", Need::Optional);
        let unless = unless.and_then(|at| whatever_its_case("unless", &at));
        let tell = table.text("tell", Need::Optional).map(|tell| tell.value);
        let second = table.flag("second").is_some_and(|second| second.value);
        let unless = unless.map(|unless| unless.value);
        match (&pattern, &example) {
            (Some(pattern), Some(example)) => {
                check_example(&pattern.value, unless.as_ref(), example);
            }
            (None, Some(example)) if told => check_told(&telling, vocabulary, example),
            _ => {}
        }
        patterns.extend(pattern.iter().map(|at| at.with(at.value.to_string())));
        examples.extend(example.clone());
        table.finish();
        if let (true, Some(example), Some(says)) = (told || pattern.is_some(), example, says) {
            symptoms.push(Symptom {
                pattern: pattern.map(|pattern| pattern.value),
                telling: told.then_some(telling),
                unless,
                example: example.value,
                says: says.value,
                tell,
                // A message says more than a description.
                second: second || told,
                before,
            });
        }
    }
    for (key, texts) in [("pattern", patterns), ("example", examples)] {
        for (text, first) in repeated(&texts) {
            let line = first.line;
            text.report(format!(
                "`{key}` stands in another symptom already, on line {line}"
            ));
        }
    }
    symptoms
}

/// People write messages down by hand, too, and tools change quotation marks.
pub(crate) fn whatever_its_case<'r>(key: &str, pattern: &At<'r, String>) -> Option<At<'r, Regex>> {
    match compile(&any_quote(&pattern.value), Case::Ignored) {
        Ok(value) if value.is_match("") => {
            pattern.report(format!("`{key}` matches the empty text, and so every text"));
            None
        }
        Ok(value) => Some(pattern.with(value)),
        Err(_) => {
            if compiled(key, pattern).is_some() {
                pattern.report(format!("`{key}` is too large where case does not matter"));
            }
            None
        }
    }
}

fn check_told(telling: &Telling, vocabulary: &Vocabulary, example: &At<'_, String>) {
    let told = vocabulary.told(Pasted::new(&example.value).lines());
    if told.find(telling).is_none() {
        example.report("`example` does not hold all of its `cues`, and none of `without`");
    }
}

pub(crate) fn check_example(pattern: &Regex, unless: Option<&Regex>, example: &At<'_, String>) {
    let pasted = Pasted::new(&example.value);
    if pasted.find(pattern, unless).is_none() {
        let text = pasted.lines().join("\n");
        let text = format!("`example` does not match its `pattern`; it is compared as `{text}`");
        example.report(text);
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::project::{FAILURE, Project, STAGE};
    use crate::{Catalog, Diagnostic};

    const SYMPTOMS: &str = r#"[[symptom]]
pattern = 'x509: .* unknown authority'
example = 'Get "https://a/": x509: certificate signed by unknown authority'
says = "The image trusts nobody."

[[symptom]]
pattern = 'self-signed certificate'
example = 'x509: self-signed certificate'
says = "A company's own."

"#;

    /// The failure lab's file with these symptoms instead, before its peer, from line 5 on.
    fn with(symptoms: &str) -> String {
        let end = FAILURE.find("[[symptom]]").expect("a symptom");
        FAILURE[..end].replacen("[[peer]]", &format!("{symptoms}[[peer]]"), 1)
    }

    fn problems(symptoms: &str) -> Vec<String> {
        let project = Project::new();
        project.write("x509/lab.toml", with(symptoms));
        match Catalog::load(project.root()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(Diagnostic::to_string).collect(),
        }
    }

    #[test]
    fn symptoms_are_read_in_their_order() {
        let project = Project::new();
        project.write("x509/lab.toml", with(SYMPTOMS));
        let catalog = project.load();
        let lab = catalog.lab("x509").expect("the lab");
        assert_eq!(lab.symptoms.len(), 2);
        assert_eq!(lab.symptoms[0].says, "The image trusts nobody.");
        assert!(
            lab.symptoms[1]
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.is_match("Self-Signed Certificate"))
        );
    }

    const CUES: &str = "[[cue]]\nname = \"certificates\"\nwords = [\"ca certificate*\"]\n\n\
                        [[cue]]\nname = \"missing\"\nwords = [\"missing\", \"has no\"]\n";
    const TOLD: &str = "[[symptom]]\ncues = [\"certificates\", \"missing\"]\n\
                        example = \"The image has no CA certificates.\"\nsays = \"Trusts nobody.\"\n\n";

    #[test]
    fn what_people_tell_is_known_by_its_cues_and_no_program_tells_it() {
        let project = Project::new();
        project.write("../cues.toml", CUES);
        project.write("x509/lab.toml", with(TOLD));
        let catalog = project.load();
        let text = "ca-certificates?\n\nOh, they are missing.";
        assert_eq!(catalog.explain(text).matches[0].lab.id, "x509");
        assert!(catalog.explain_output(text).matches.is_empty());
        assert!(catalog.explain("certificates are there").matches.is_empty());
    }

    #[test]
    fn cues_and_labs_that_nobody_knows_are_reported() {
        let cases = [
            (
                TOLD.replace("\"missing\"", "\"mising\""),
                "book/labs/x509/lab.toml:6: book/cues.toml has no cue `mising`; did you mean `missing`?",
            ),
            (
                TOLD.replace("has no CA", "has CA"),
                "book/labs/x509/lab.toml:7: `example` does not hold all of its `cues`, and none of `without`",
            ),
            (
                TOLD.replace("cues", "pattern = 'x'\ncues"),
                "book/labs/x509/lab.toml:6: a symptom has a `pattern`, or `cues`, not both",
            ),
            (
                TOLD.replace("says", "before = [\"dns\"]\nsays"),
                "book/labs/x509/lab.toml: `before` names `dns`, which is no other lab",
            ),
        ];
        for (symptoms, expected) in cases {
            let project = Project::new();
            project.write("../cues.toml", CUES);
            project.write("x509/lab.toml", with(&symptoms));
            let problems = Catalog::load(project.root()).expect_err("a problem");
            let problems: Vec<_> = problems.iter().map(Diagnostic::to_string).collect();
            assert!(problems.contains(&expected.to_owned()), "{problems:?}");
        }
    }

    #[test]
    fn a_failure_has_at_least_one_symptom() {
        let project = Project::new();
        let end = FAILURE.find("[[symptom]]").expect("a symptom");
        project.write("x509/lab.toml", &FAILURE[..end]);
        let problems = Catalog::load(project.root()).expect_err("a problem");
        assert_eq!(
            problems.to_string(),
            "1 problem in labs and claims\nbook/labs/x509/lab.toml:1: \
             a failure lab needs a [[symptom]]: what does somebody paste who has it?"
        );
    }

    #[test]
    fn a_stage_has_no_symptom() {
        let project = Project::new();
        project.write(
            "stage-5a/lab.toml",
            STAGE.replacen("[stage]", &format!("{SYMPTOMS}[stage]"), 1),
        );
        let problems = Catalog::load(project.root()).expect_err("a problem");
        assert_eq!(
            problems.to_string(),
            "1 problem in labs and claims\n\
             book/labs/stage-5a/lab.toml:6: a stage works, and has no [[symptom]]"
        );
    }

    #[test]
    fn every_rule_is_reported_where_it_is_broken() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                "says = \"The",
                "say = \"The",
                &[
                    "5: [[symptom]] lacks `says`",
                    "8: [[symptom]] does not know the key `say`; did you mean `says`?",
                ],
            ),
            (
                "'x509: .* unknown authority'",
                "'x509: ('",
                &["6: `pattern` is not a regular expression: unclosed group"],
            ),
            (
                "'x509: .* unknown authority'",
                "'(x509)?'",
                &["6: `pattern` matches the empty text, and so every text"],
            ),
            (
                "'x509: self-signed certificate'",
                "'app-1  | “x509”'",
                &["12: `example` does not match its `pattern`; it is compared as `\"x509\"`"],
            ),
            (
                "'self-signed certificate'",
                "'x509: .* unknown authority'",
                &[
                    "11: `pattern` stands in another symptom already, on line 6",
                    "12: `example` does not match its `pattern`; it is compared as `x509: self-signed certificate`",
                ],
            ),
            (
                "'x509: self-signed certificate'",
                "'Get \"https://a/\": x509: certificate signed by unknown authority'",
                &[
                    "12: `example` does not match its `pattern`; it is compared as `Get \"https://a/\": x509: certificate signed by unknown authority`",
                    "12: `example` stands in another symptom already, on line 7",
                ],
            ),
        ];
        for (from, to, expected) in cases {
            assert!(SYMPTOMS.contains(from), "{from}");
            let expected: Vec<_> = expected
                .iter()
                .map(|text| format!("book/labs/x509/lab.toml:{text}"))
                .collect();
            assert_eq!(problems(&SYMPTOMS.replacen(from, to, 1)), expected);
        }
    }
}
