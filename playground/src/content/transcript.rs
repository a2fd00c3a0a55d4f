//! From a run's log to what was said in it, by whom.

use crate::book::{Answered, Recorded, Said, Speaker, Weight};
use crate::event::{Entry, Event, Finished, Phase, StepFinished, StepLog, StepStatus};
use catalog::Outcome;
use policy::ansi::plain;
use std::collections::HashMap;

/// What a run did and what was said in it.
pub(super) fn recorded(entries: &[Entry]) -> Recorded {
    let mut building: HashMap<&str, String> = HashMap::new();
    let mut recorded = Recorded::default();
    let mut refused = None;
    for entry in entries {
        match &entry.event {
            Event::StepStarted {
                step,
                phase: Phase::Build,
                ..
            } => {
                building.insert(step, String::new());
            }
            Event::StepLog(StepLog { step, text, .. }) => {
                if let Some(log) = building.get_mut(step.as_str()) {
                    log.push_str(text);
                }
            }
            Event::StepFinished(StepFinished {
                step,
                status: StepStatus::Failed,
                error,
                ..
            }) => {
                let message = error.as_ref().map_or("", |error| error.message.as_str());
                let log = building.remove(step.as_str());
                match log.map(|log| format!("{message}\n{log}")) {
                    Some(text) => say(&mut recorded, Speaker::Builder, &text),
                    None => refused = Some(message),
                }
            }
            Event::Output { text, .. } => output(&mut recorded, text),
            Event::Probed(probed) => recorded.answers.push(Answered {
                get: probed.get.clone(),
                status: probed.status,
                body: plain(&probed.body),
            }),
            Event::Acted(result) => {
                let mut result = result.clone();
                result.reply.text = plain(&result.reply.text).trim_end().to_owned();
                recorded.acts.push(result);
            }
            Event::Looked(observation) => recorded.looks.push(observation.clone()),
            Event::Sizes(sizes) => {
                recorded.sizes = Some(Weight {
                    unpacked_bytes: sizes.unpacked_bytes,
                    compressed_bytes: sizes.compressed_bytes,
                });
            }
            Event::Finished(finished) => end(&mut recorded, finished, refused),
            _ => {}
        }
    }
    for said in &mut recorded.transcript {
        said.text = plain(&said.text).trim_end().to_owned();
    }
    recorded.transcript.retain(|said| !said.text.is_empty());
    recorded
}

fn end(recorded: &mut Recorded, finished: &Finished, refused: Option<&str>) {
    recorded.outcome = finished.outcome;
    recorded.reporter = finished.reporter;
    recorded.moment = finished.moment;
    recorded.note.clone_from(&finished.note);
    recorded.exit_code = finished.exit_code;
    recorded.message = finished.message.as_deref().map(plain);
    recorded.ms = finished.ms;
    if finished.outcome != Some(Outcome::CannotStart) {
        return;
    }
    // The program never ran: what stands in its log, runtime and kernel wrote there.
    for said in &mut recorded.transcript {
        if said.who == Speaker::Program {
            said.who = Speaker::Engine;
        }
    }
    let mut said = recorded.transcript.iter();
    let mut known = |text: &str| said.any(|said| said.text.contains(text));
    if let Some(refused) = refused.filter(|text| !known(text)) {
        say(recorded, Speaker::Engine, refused);
    }
}

fn say(recorded: &mut Recorded, who: Speaker, text: &str) {
    let text = text.trim().to_owned();
    recorded.transcript.push(Said { who, text });
}

/// Pieces of output may end in the middle of a line.
fn output(recorded: &mut Recorded, text: &str) {
    match recorded.transcript.last_mut() {
        Some(said) if said.who == Speaker::Program => said.text.push_str(text),
        _ => recorded.transcript.push(Said {
            who: Speaker::Program,
            text: text.to_owned(),
        }),
    }
}
