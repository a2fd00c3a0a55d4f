//! Questions as they are read and judged, on a small project.

use super::{Form, INVENTORY, Inventory, MAX_ANSWER_BYTES};
use crate::Catalog;
use crate::tests::project::Project;

const CHOICE: &str = r#"[[question]]
id = "x509"
variant = "broken"
stem = """Why does it
trust nobody?"""
message = "x509: unknown authority"
why = "The list is a file, and the image has none."
  [[question.option]]
  id = "expired"
  text = "It expired."
  wrong = "Then it would say so."
  [[question.option]]
  id = "no-list"
  text = "No list here."
  right = true
  [[question.option]]
  id = "firewall"
  text = "A firewall."
  wrong = "It was reached."
  [[question.option]]
  id = "clock"
  text = "Its clock."
  wrong = "It is the host's."
"#;

const SHORT: &str = r#"[[question]]
id = "x509"
variant = "broken"
stem = "Which file is missing?"
why = "Go reads it at the first call."
  [question.short]
  answer = "the list of authorities"
  accept = ['(?i)authorit', '(?i)bundle']
    [[question.short.near]]
    id = "key"
    pattern = '(?i)\bkey\b'
    example = "the key of the authority"
    says = "A client needs no key."
"#;

fn load(text: &str) -> (Catalog, Result<Inventory, Vec<String>>) {
    let project = Project::new();
    let catalog = project.load();
    let file = project.root().join(INVENTORY);
    std::fs::create_dir_all(file.parent().expect("a folder above")).expect("made");
    std::fs::write(file, text).expect("written");
    let read = Inventory::load(project.root(), &catalog);
    let read = read.map_err(|found| found.iter().map(ToString::to_string).collect());
    (catalog, read)
}

fn problems(text: &str) -> Vec<String> {
    load(text).1.err().unwrap_or_default()
}

#[track_caller]
fn complains(text: &str, what: &str) {
    let found = problems(text);
    assert!(
        found.iter().any(|problem| problem.contains(what)),
        "no `{what}` in {found:?}"
    );
}

#[test]
fn a_sound_question_is_read_as_it_stands() {
    let (_, read) = load(CHOICE);
    let inventory = read.expect("sound");
    let question = &inventory.questions[0];
    assert_eq!(question.stem, "Why does it trust nobody?");
    assert_eq!((question.line, question.run().as_str()), (1, "x509/broken"));
    assert_eq!(question.answer(), "No list here.");
    assert!(load(SHORT).1.is_ok());
}

#[test]
fn a_book_without_questions_asks_nothing() {
    let project = Project::new();
    let catalog = project.load();
    let inventory = Inventory::load(project.root(), &catalog).expect("nothing is sound");
    assert!(inventory.questions.is_empty());
    assert_eq!(inventory.missing(&catalog), []);
}

#[test]
fn all_problems_are_told_at_once_with_their_lines() {
    let text = CHOICE
        .replace("id = \"x509\"", "id = \"x508\"")
        .replace("wrong = \"It was reached.\"", "wrong = \" \"")
        .replace("right = true", "rigth = true");
    let found = problems(&text);
    for what in [
        ":1: 0 answers have `right = true`; exactly one is right",
        ":2: there is no failure `x508` to ask about",
        ":12: [[question.option]] lacks `wrong`",
        ":15: [[question.option]] does not know the key `rigth`",
        ":19: `wrong` must not be empty",
    ] {
        let line = format!("{INVENTORY}{what}");
        assert!(
            found.iter().any(|problem| problem.starts_with(&line)),
            "no `{line}` in {found:#?}"
        );
    }
}

#[test]
fn each_kind_of_mistake_is_named() {
    complains(
        &format!("{CHOICE}{CHOICE}"),
        ":25: question `x509` is declared twice",
    );
    complains(
        &CHOICE.replace("variant = \"broken\"", "variant = \"brokn\""),
        "the lab `x509` has no variant `brokn`",
    );
    complains(
        &CHOICE
            .replace("wrong = \"Its", "right = true\n  wrong = \"Its")
            .replace("  wrong = \"It is the host's.\"", "  right = true"),
        "2 answers have `right = true`",
    );
    complains(
        &CHOICE.replace("right = true", "right = true\n  wrong = \"No.\""),
        "the right answer has no `wrong`",
    );
    complains(
        &CHOICE.replace("id = \"clock\"", "id = \"expired\""),
        "expired",
    );
    complains(
        &CHOICE.replace(
            "A firewall.",
            "A firewall stands between the two, and drops it.",
        ),
        "lengths give answers away",
    );
    let three = CHOICE.rfind("  [[question.option]]").expect("a fourth");
    complains(&CHOICE[..three], "4 answers to choose from, not 3");
    let bare = CHOICE.find("  [[question.option]]").expect("a first");
    complains(&CHOICE[..bare], "a question needs four [[question.option]]");
}

#[test]
fn patterns_are_held_against_their_own_words() {
    complains(
        &SHORT.replace("'(?i)bundle'", "'(?i)bundle('"),
        ":8: `accept` is not a regular expression",
    );
    complains(
        &SHORT.replace("the list of authorities", "a file"),
        ":7: none of the patterns in `accept` takes the answer itself",
    );
    complains(
        &SHORT.replace("the list of authorities", "the authority's key"),
        ":7: the answer is taken for the near miss `key`",
    );
    complains(
        &SHORT.replace("the key of the authority", "the certificate"),
        ":12: the near miss does not fit its own example",
    );
    let near = SHORT.find("    [[question.short.near]]").expect("one");
    complains(&SHORT[..near], "name the usual misconceptions");
}

#[test]
fn a_failure_without_a_question_is_missing_one() {
    let (catalog, read) = load(CHOICE);
    let mut inventory = read.expect("sound");
    assert_eq!(inventory.missing(&catalog), []);
    inventory.questions[0].id = "another".into();
    let missing = inventory.missing(&catalog);
    assert_eq!(missing.len(), 1);
    assert!(missing[0].text.contains("`x509`"), "{missing:?}");
}

#[test]
fn an_answer_is_judged_by_its_id_or_its_words() {
    let inventory = load(CHOICE).1.expect("sound");
    let question = inventory.question("x509").expect("there");
    assert!(question.judge("no-list").expect("an answer").right);
    let wrong = question.judge("clock").expect("an answer");
    assert_eq!(
        (wrong.right, wrong.belief, wrong.says),
        (false, Some("clock"), Some("It is the host's."))
    );
    for none in [
        "",
        "  ",
        "No list here.",
        "nope",
        &"x".repeat(MAX_ANSWER_BYTES + 1),
    ] {
        assert!(question.judge(none).is_err(), "{none} was judged");
    }

    let inventory = load(SHORT).1.expect("sound");
    let question = inventory.question("x509").expect("there");
    assert!(question.judge(" The CA bundle ").expect("an answer").right);
    let near = question.judge("its key, or a bundle").expect("an answer");
    assert_eq!((near.right, near.belief), (false, Some("key")));
    let other = question.judge("dunno").expect("an answer");
    assert_eq!((other.right, other.belief, other.says), (false, None, None));
}

#[test]
fn a_question_is_put_without_its_answer() {
    let inventory = load(CHOICE).1.expect("sound");
    let asked = inventory.questions[0].asked();
    let asked = serde_json::to_string(&asked).expect("JSON");
    assert!(asked.contains("No list here."));
    for hidden in [
        "right",
        "wrong",
        "The list is a file",
        "Then it would say so",
    ] {
        assert!(!asked.contains(hidden), "{hidden} in {asked}");
    }
    assert!(matches!(inventory.questions[0].form, Form::Choice(_)));
    let short = load(SHORT).1.expect("sound");
    let asked = serde_json::to_string(&short.questions[0].asked()).expect("JSON");
    assert!(!asked.contains("authorit"), "{asked}");
}
