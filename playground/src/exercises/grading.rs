//! What is said to a submission: the checks of its run, the cause, and where to read on.
//!
//! Pure: from a run's entries, for page and terminal alike. Nothing here gives the answer away.

use crate::event::{Ending, Entry, Event, StepFinished, StepLog, StepStatus};
use catalog::matching::Found;
use catalog::{Catalog, CheckResult, Exercise};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is said to a submission that was graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether every check passes.
    pub passed: bool,
    /// All checks, in the order of the run.
    pub checks: Vec<Judged>,
    /// What is said to the first that fails; absent where all pass.
    pub advice: Option<Told>,
}

/// A check, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Expected, seen, and whether they agree.
    #[serde(flatten)]
    pub result: CheckResult,
    /// Where to look where it fails: a page of the book, as `SUMMARY.md` names it.
    pub look: Option<String>,
}

/// What is said to the check that fails first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The check's id.
    pub check: String,
    /// Why it failed; `None` where the exercise has nothing to say to it.
    pub cause: Option<String>,
    /// Where to look, as `SUMMARY.md` names it.
    pub page: Option<String>,
    /// How many levels of hints there are to ask for.
    pub levels: usize,
    /// The lab of the museum whose message was said, as `playground explain` finds it.
    pub museum: Option<Found>,
}

impl Verdict {
    /// The verdict on a run of a submission; `pages` are the pages of labs, by the lab's id. `None`
    /// where the run is not over, or nobody can judge it.
    pub fn of_run(
        catalog: &Catalog,
        exercise: &Exercise,
        entries: &[Entry],
        pages: &BTreeMap<String, String>,
    ) -> Option<Verdict> {
        let finished = entries.iter().rev().find_map(|entry| match &entry.event {
            Event::Finished(finished) => Some(finished),
            _ => None,
        })?;
        let judged = matches!(finished.ending, Ending::AsDeclared | Ending::NotAsDeclared);
        if !judged || finished.checks.is_empty() {
            return None;
        }
        let (checks, said) = (&finished.checks, said(entries));
        let judged = checks.iter().map(|check| Judged {
            result: check.clone(),
            look: look(exercise, check, &said),
        });
        let advice = exercise.advice(checks, &said).map(|advice| Told {
            check: advice.check.id.clone(),
            cause: advice.hint.map(|hint| hint.cause.clone()),
            page: look(exercise, advice.check, &said),
            levels: advice.hint.map_or(0, |hint| hint.levels.len()),
            museum: {
                let answer = catalog.explain_output(&said).answer("", pages);
                answer.matches.into_iter().next()
            },
        });
        Some(Verdict {
            passed: advice.is_none(),
            checks: judged.collect(),
            advice,
        })
    }
}

/// Where to read about a check that has failed: the hint's page, or else the exercise's first.
fn look(exercise: &Exercise, check: &CheckResult, said: &str) -> Option<String> {
    let hint = exercise.advice(std::slice::from_ref(check), said)?.hint;
    let page = hint.and_then(|hint| hint.page.as_ref());
    page.or(exercise.pages.first()).cloned()
}

/// What builder, engine and program wrote in a run: of the builder, the steps that failed.
pub fn said(entries: &[Entry]) -> String {
    let mut said = String::new();
    // The builder may tell that a step has failed before its last words have come.
    let mut logs: BTreeMap<&str, String> = BTreeMap::new();
    for Entry { event, .. } in entries {
        if let Event::StepLog(StepLog { step, text, .. }) = event {
            logs.entry(step).or_default().push_str(text);
        }
    }
    for Entry { event, .. } in entries {
        match event {
            Event::StepFinished(StepFinished {
                step,
                status: StepStatus::Failed,
                error,
                ..
            }) => {
                said.push_str(logs.get(step.as_str()).map_or("", String::as_str));
                if let Some(error) = error {
                    said.push('\n');
                    said.push_str(&error.message);
                }
                said.push('\n');
            }
            Event::Output { text, .. } => said.push_str(text),
            Event::Acted(acted) => {
                said.push('\n');
                said.push_str(&acted.reply.text);
                said.push('\n');
            }
            Event::Finished(finished) => {
                said.push('\n');
                said.push_str(finished.message.as_deref().unwrap_or_default());
            }
            _ => {}
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Finished;
    use std::path::Path;

    fn catalog() -> Catalog {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Catalog::load(&root).expect("the catalog")
    }

    fn check(id: &str, seen: &str, passed: bool) -> CheckResult {
        CheckResult {
            id: id.into(),
            title: id.into(),
            expected: "what is wanted".into(),
            seen: seen.into(),
            passed,
            unreached: false,
        }
    }

    fn over(ending: Ending, message: Option<&str>, checks: Vec<CheckResult>) -> Vec<Entry> {
        let mut finished = Finished::unjudged(ending, None, 1);
        finished.checks = checks;
        finished.message = message.map(str::to_owned);
        vec![Entry {
            seq: 1,
            at_ms: 1,
            event: Event::Finished(Box::new(finished)),
        }]
    }

    #[test]
    fn a_message_of_the_museum_leads_to_its_page() {
        let catalog = catalog();
        let exercise = catalog.exercise("1").expect("the first");
        let message = "exec /app: no such file or directory";
        let checks = vec![check("outcome", message, false), check("small", "-", false)];
        let entries = over(Ending::NotAsDeclared, Some(message), checks);
        let pages = [("missing-libc".to_owned(), "museum/x.html".to_owned())].into();
        let verdict = Verdict::of_run(&catalog, exercise, &entries, &pages).expect("judged");
        assert!(!verdict.passed);
        let advice = verdict.advice.expect("advice");
        assert_eq!(advice.check, "outcome");
        assert!(advice.cause.expect("a cause").contains("loader"));
        assert_eq!(advice.page.as_deref(), Some("museum/missing-libc.md"));
        let museum = advice.museum.expect("the museum knows it");
        assert_eq!(museum.page.as_deref(), Some("museum/x.html"));
        // Each check says where to look, and no level of a hint is told unasked.
        assert_eq!(
            verdict.checks[1].look.as_deref(),
            Some("journey/stage-3.md")
        );
        assert!(advice.levels >= 2);
    }

    #[test]
    fn what_tools_really_say_leads_to_its_cause() {
        let catalog = catalog();
        for (exercise, said, cause) in [
            (
                "46",
                "# example.com/vault\nflag provided but not defined: -pie\nusage: link [options] main.o\n",
                "went to a tool of Go's",
            ),
            (
                "46",
                "link: running gcc failed: exit status 1\n/usr/bin/ld: go.o: warning: relocation in \
                 read-only section `.gopclntab'\n/usr/bin/ld: read-only segment has dynamic relocations\n",
                "compiled for one address",
            ),
            (
                "46",
                "-linkmode requires external (cgo) linking, but cgo is not enabled\n",
                "cannot do alone",
            ),
            (
                "46",
                "link: running gcc failed: exit status 1\ngcc: error: unrecognized command-line option \
                 ‘-staticpie’; did you mean ‘-static-pie’?\n",
                "cannot do alone",
            ),
            (
                "45",
                "qemu-aarch64: /app: Invalid ELF image for this architecture\n",
                "does not take the program",
            ),
            (
                "45",
                "qemu-aarch64: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory\n",
                "the program asks for one",
            ),
        ] {
            let exercise = catalog.exercise(exercise).expect("an exercise");
            let checks = [check("outcome", "the build fails", false)];
            let advice = exercise.advice(&checks, said).expect("advice");
            let hint = advice.hint.expect("a hint");
            assert!(hint.cause.contains(cause), "{said}: {}", hint.cause);
        }
    }

    #[test]
    fn what_passes_needs_no_advice_and_what_nobody_judged_has_no_verdict() {
        let catalog = catalog();
        let exercise = catalog.exercise("1").expect("the first");
        let none = BTreeMap::new();
        let of = |entries: &[Entry]| Verdict::of_run(&catalog, exercise, entries, &none);
        let passed = vec![check("outcome", "it serves", true)];
        let verdict = of(&over(Ending::AsDeclared, None, passed)).expect("judged");
        assert!(verdict.passed && verdict.advice.is_none());
        assert_eq!(verdict.checks[0].look, None);
        for ending in [Ending::Stopped, Ending::Error] {
            assert_eq!(of(&over(ending, None, Vec::new())), None);
        }
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn last_words_that_come_after_the_end_of_a_step_are_heard() {
        let events = [
            Event::StepFinished(StepFinished {
                step: "3".into(),
                status: StepStatus::Failed,
                ms: 1,
                error: None,
            }),
            Event::StepLog(StepLog {
                step: "3".into(),
                stream: engine::Stream::Stderr,
                text: "stat /bin/sh: no such file".into(),
            }),
        ];
        let entries = events.map(|event| Entry {
            seq: 1,
            at_ms: 0,
            event,
        });
        assert!(said(&entries).contains("stat /bin/sh"));
    }
}
