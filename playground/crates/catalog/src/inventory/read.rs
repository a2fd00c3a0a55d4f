//! From `exercises/inventory.toml` to [`Inventory`], or to everything wrong with it.

use super::{Choice, Form, INVENTORY, Inventory, NearMiss, Question, Short};
use crate::catalog::Catalog;
use crate::content_file::{check_variant, read_optional};
use crate::diagnostic::Diagnostics;
use crate::toml::reader::{At, Need, Reader};
use crate::toml::rules::{kebab_case, twice};
use crate::toml::table::Table;
use crate::{Diagnostic, Kind, Lab};
use policy::suggest::hint;
use std::path::Path;

/// A question to choose from has so many answers.
const CHOICES: usize = 4;

impl Inventory {
    /// Reads `<root>/exercises/inventory.toml`; a book without one asks nothing.
    ///
    /// # Errors
    /// Every problem of the file at once: also labs and variants that are not there.
    pub fn load(root: &Path, catalog: &Catalog) -> Result<Inventory, Diagnostics> {
        read_optional(root, INVENTORY, |text| read(text, catalog))
    }
}

fn read(text: &str, catalog: &Catalog) -> (Inventory, Vec<Diagnostic>) {
    let reader = Reader::new(INVENTORY, text);
    let mut questions = Vec::new();
    if let Some(document) = reader.parse() {
        let table = Table::root_of("the inventory", &reader, &document);
        let mut ids = Vec::new();
        for question in table.tables("question") {
            let (id, question) = read_question(question, catalog);
            ids.extend(id);
            questions.extend(question);
        }
        twice("question", &ids);
        table.finish();
    }
    (Inventory { questions }, reader.into_problems())
}

fn read_question<'r>(
    table: Table<'r>,
    catalog: &Catalog,
) -> (Option<At<'r, String>>, Option<Question>) {
    let id = table.text("id", Need::Required);
    let lab = id.as_ref().and_then(|id| find_failure(id, catalog));
    let variant = table.text("variant", Need::Required);
    if let (Some(lab), Some(variant)) = (lab, &variant) {
        check_variant(lab, variant);
    }
    let stem = table.text("stem", Need::Required);
    let message = table.text("message", Need::Optional);
    let form = read_form(&table);
    let why = table.text("why", Need::Required);
    let line = table.at.line;
    table.finish();
    let question = (|| {
        Some(Question {
            id: id.as_ref()?.value.clone(),
            variant: variant?.value,
            stem: flowing(&stem?.value),
            message: message.map(|message| message.value),
            form: form?,
            why: flowing(&why?.value),
            line,
        })
    })();
    (id, question)
}

/// A text over several lines of the file is one paragraph.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read_form(table: &Table<'_>) -> Option<Form> {
    let short = table.table("short", Need::Optional);
    let options = table.tables("option");
    match (&short, options.is_empty()) {
        (None, true) => {
            table.report("a question needs four [[question.option]], or a [question.short]");
        }
        (Some(short), false) => {
            short.report("a question has either [[question.option]] or [question.short]");
        }
        _ => {}
    }
    // Both are read, so that all of their problems are told.
    let choices = (!options.is_empty()).then(|| read_choices(table, options));
    let short = short.map(read_short);
    match (choices, short) {
        (Some(choices), None) => choices.map(Form::Choice),
        (None, Some(short)) => short.map(Form::Short),
        _ => None,
    }
}

fn read_choices(question: &Table<'_>, options: Vec<Table<'_>>) -> Option<Vec<Choice>> {
    let count = options.len();
    if count != CHOICES {
        question.report(format!(
            "a question has {CHOICES} answers to choose from, not {count}"
        ));
    }
    let (mut ids, mut lengths, mut right) = (Vec::new(), Vec::new(), 0);
    let mut choices = Vec::new();
    for table in options {
        let id = table.text("id", Need::Required);
        id.iter().for_each(|id| kebab_case("answer", id));
        let text = table.text("text", Need::Required);
        let is_right = table.flag("right").is_some_and(|flag| flag.value);
        right += usize::from(is_right);
        let wrong = match is_right {
            true => {
                if let Some(at) = table.place("wrong") {
                    at.report("the right answer has no `wrong`; the question's `why` explains it");
                }
                table.knows("wrong");
                None
            }
            false => table.text("wrong", Need::Required),
        };
        lengths.extend(text.as_ref().map(|text| text.value.chars().count()));
        table.finish();
        choices.push((|| {
            Some(Choice {
                id: id.as_ref()?.value.clone(),
                text: flowing(&text?.value),
                wrong: match is_right {
                    true => None,
                    false => Some(flowing(&wrong?.value)),
                },
            })
        })());
        ids.extend(id);
    }
    twice("answer", &ids);
    if right != 1 {
        question.report(format!(
            "{right} answers have `right = true`; exactly one is right"
        ));
    }
    if let (Some(shortest), Some(longest)) = (lengths.iter().min(), lengths.iter().max())
        && longest > &(2 * shortest)
    {
        question.report(format!(
            "one answer has {longest} characters and another {shortest}: lengths give answers away"
        ));
    }
    choices.into_iter().collect()
}

fn read_short(table: Table<'_>) -> Option<Short> {
    let answer = table.text("answer", Need::Required);
    let accept = table.patterns("accept");
    let mut ids = Vec::new();
    let mut near = Vec::new();
    for miss in table.tables("near") {
        let (id, miss) = read_near(miss);
        ids.extend(id);
        near.push(miss);
    }
    twice("near miss", &ids);
    if near.is_empty() {
        table.report("no [[question.short.near]]: name the usual misconceptions");
    }
    table.finish();
    let answer = answer?;
    let short = Short {
        answer: flowing(&answer.value),
        accept: accept?,
        near: near.into_iter().collect::<Option<_>>()?,
    };
    let judged = short.judge(&short.answer);
    match (judged.right, judged.belief) {
        (true, _) => {}
        (false, Some(near)) => {
            answer.report(format!("the answer is taken for the near miss `{near}`"))
        }
        (false, None) => answer.report("none of the patterns in `accept` takes the answer itself"),
    }
    Some(short)
}

fn read_near<'r>(table: Table<'r>) -> (Option<At<'r, String>>, Option<NearMiss>) {
    let id = table.text("id", Need::Required);
    id.iter().for_each(|id| kebab_case("near miss", id));
    let pattern = table.regex("pattern", Need::Required);
    let unless = table.regex("unless", Need::Optional);
    let example = table.text("example", Need::Required);
    let says = table.text("says", Need::Required);
    table.finish();
    let near = (|| {
        Some(NearMiss {
            id: id.as_ref()?.value.clone(),
            pattern: pattern?.value,
            unless: unless.map(|unless| unless.value),
            example: example.as_ref()?.value.clone(),
            says: flowing(&says?.value),
        })
    })();
    if let (Some(near), Some(example)) = (&near, example)
        && !near.fits(&near.example)
    {
        example.report("the near miss does not fit its own example");
    }
    (id, near)
}

fn find_failure<'c>(id: &At<'_, String>, catalog: &'c Catalog) -> Option<&'c Lab> {
    let failures = || catalog.labs.iter().filter(|lab| lab.kind == Kind::Failure);
    let found = failures().find(|lab| lab.id == id.value);
    if found.is_none() {
        let failures: Vec<&Lab> = failures().collect();
        let ids = failures.iter().map(|lab| lab.id.as_str());
        let hint = hint(&id.value, ids, "there are");
        id.report(format!("there is no failure `{id}` to ask about{hint}"));
    }
    found
}
